package org.mpm4j.impl.child;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mpm4j.ChildApplication;
import org.mpm4j.HostedServer;
import org.mpm4j.MpmConfig;
import org.mpm4j.Vocabulary;
import org.mpm4j.impl.control.ChildExit;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.control.ControlSocket;
import org.mpm4j.impl.control.Descriptors;
import org.mpm4j.impl.os.Credentials;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The forked child's entry: serves what the supervisor says on its control socket, and exits with
/// a code of [ChildExit]. [Descriptors] says what it inherits.
public final class ChildMain {
  /*
   * Overview: the main thread opens the application, waits for the engine's end, closes and exits;
   * a daemon thread listens to the supervisor. So open and close run on the main thread, and the
   * process ends when the engine has, whatever threads the application left.
   *
   * Start: the scoreboard, then the privileges, then the application, so that the application never has
   * more of them than its requests; then the standard streams, then READY.
   *
   * Shutdown: when the supervisor dies nobody is left to kill a child that hangs. The control thread
   * then drains, waits, and halts the JVM if it still runs.
   */

  private static final Logger log = LoggerFactory.getLogger(ChildMain.class);

  /// How long an orphan may go on serving if `GracefulShutdownTimeout` sets no limit.
  private static final Duration ORPHAN_LIMIT = Duration.ofSeconds(30);

  private final Syscalls os;
  private final ControlSocket control;
  private final ControlMessage.Serve serve;
  private final MpmConfig config;

  // the main thread
  private boolean hosts;

  private ChildMain(
      Syscalls os, ControlSocket control, ControlMessage.Serve serve, MpmConfig config) {
    this.os = os;
    this.control = control;
    this.serve = serve;
    this.config = config;
  }

  /// Runs the child. Never returns.
  ///
  /// @param args none
  public static void main(String[] args) {
    int status = ChildExit.FAILED;
    try {
      status = run();
    } catch (Throwable e) {
      log.error("the child cannot serve", e);
    }
    System.exit(status);
  }

  private static int run() throws Exception {
    Syscalls os = Linux.open();
    ControlSocket control = new ControlSocket(os, Descriptors.CONTROL);
    List<ControlMessage> early = new ArrayList<>(control.receive());
    if (early.isEmpty() || !(early.removeFirst() instanceof ControlMessage.Serve serve)) {
      log.error(
          "{} is started by a supervisor only: nothing received on descriptor {}",
          ChildMain.class.getName(),
          Descriptors.CONTROL);
      return ChildExit.FAILED;
    }
    AtomicBoolean leaving = new AtomicBoolean();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> tellOfExit(leaving, control, serve), "mpm-exit"));
    try {
      return run(os, control, serve, early);
    } finally {
      leaving.set(true);
    }
  }

  private static int run(
      Syscalls os, ControlSocket control, ControlMessage.Serve serve, List<ControlMessage> early)
      throws Exception {
    Child child;
    ChildMain main = null;
    try {
      MpmConfig config =
          MpmConfig.parse("supervisor", serve.directives(), List.of(), Vocabulary.any());
      main = new ChildMain(os, control, serve, config);
      child = main.open();
    } catch (Throwable e) {
      boolean hosts = main != null && main.hosts;
      control.send(new ControlMessage.Failed(reason(serve, hosts, e), trace(e)));
      return ChildExit.FAILED;
    }
    return main.serve(child, early);
  }

  /// Tells who ended the process, if it was the application. A signal goes another way.
  private static void tellOfExit(
      AtomicBoolean leaving, ControlSocket control, ControlMessage.Serve serve) {
    if (leaving.get()) {
      return;
    }
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> {
          if (Stream.of(stack).anyMatch(ChildMain::isExit)) {
            String reason =
                "application "
                    + serve.applicationClass()
                    + " called System.exit in thread "
                    + thread.getName();
            String trace =
                reason
                    + Stream.of(stack).map(frame -> "\n\tat " + frame).collect(Collectors.joining())
                    + "\n";
            log.error("{}", trace.stripTrailing());
            try {
              control.send(new ControlMessage.Failed(reason, trace));
            } catch (IOException e) {
              log.debug("could not tell the supervisor", e); // it is gone
            }
          }
        });
  }

  private static boolean isExit(StackTraceElement frame) {
    return frame.getClassName().equals(Runtime.class.getName())
        && frame.getMethodName().equals("exit");
  }

  private Child open() throws Exception {
    Scoreboard scoreboard = Scoreboard.attach(Path.of("/proc/self/fd/" + Descriptors.SCOREBOARD));
    refuseForeignSlot(scoreboard.process(serve.slot()));
    dropPrivileges();
    List<Integer> descriptors = new ArrayList<>();
    List<SocketAddress> addresses = new ArrayList<>();
    for (int i = 0; i < serve.listeners(); i++) {
      // never closed: the exit of the process does, and only then is the backlog a sibling's alone
      ListenSocket listener = ListenSocket.inherited(os, Descriptors.FIRST_LISTENER + i);
      descriptors.add(listener.fd());
      addresses.add(listener.localAddress());
    }
    Child.Identity identity =
        new Child.Identity(serve.slot(), serve.generation(), false, addresses);
    ChildApplication application = load(serve.applicationClass());
    hosts = application instanceof HostedServer;
    return Child.open(
        os, config, application, identity, scoreboard, descriptors, new ToSupervisor());
  }

  /// A record that was given to somebody else is not touched.
  private void refuseForeignSlot(ProcessScore score) throws IOException {
    if (score.pid() != os.getpid() || score.generation() != serve.generation()) {
      throw new IOException(
          "slot "
              + serve.slot()
              + " of the scoreboard is that of process "
              + score.pid()
              + ", generation "
              + score.generation());
    }
  }

  /// The single place where `User` and `Group` take effect: with one thread that matters, and
  /// before any code of the application runs.
  private void dropPrivileges() throws IOException {
    Optional<Credentials> wanted = Credentials.resolve(os, config.user(), config.group());
    if (wanted.isPresent()) {
      wanted.get().apply(os);
    }
  }

  private static ChildApplication load(String name) throws Exception {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? ClassLoader.getSystemClassLoader() : context;
    return Class.forName(name, true, loader)
        .asSubclass(ChildApplication.class)
        .getConstructor()
        .newInstance();
  }

  private int serve(Child child, List<ControlMessage> early) throws Exception {
    child.start();
    useOwnOutput();
    control.send(new ControlMessage.Ready());
    Thread.ofPlatform().name("mpm-control").daemon().start(() -> obey(child, early));
    child.run();
    child.close();
    return ChildExit.DONE;
  }

  /// Does what the supervisor says, until it is gone.
  private void obey(Child child, List<ControlMessage> early) {
    try {
      List<ControlMessage> messages = early;
      while (!control.ended()) {
        for (ControlMessage message : messages) {
          obey(child, message);
        }
        messages = control.receive();
      }
      log.warn("the supervisor is gone: the child serves what it has and exits");
    } catch (IOException e) {
      log.error("lost touch with the supervisor: the child serves what it has and exits", e);
    }
    child.drain(true); // the siblings drain as well
    haltLater();
  }

  private void obey(Child child, ControlMessage message) throws IOException {
    switch (message) {
      case ControlMessage.Accept accept -> child.accepting(accept.accepting());
      case ControlMessage.Drain drain -> child.drain(drain.backlogToo());
      case ControlMessage.DumpThreads _ ->
          control.send(new ControlMessage.ThreadDump(ThreadPrint.text()));
      case ControlMessage.Serve _,
          ControlMessage.Ready _,
          ControlMessage.Failed _,
          ControlMessage.RecycleDue _,
          ControlMessage.ThreadDump _,
          ControlMessage.Draining _ ->
          log.error("unexpected message from the supervisor: {}", message);
    }
  }

  /// What was written so far is the supervisor's to tell if the child failed; it has not.
  private void useOwnOutput() throws IOException {
    System.out.flush();
    System.err.flush();
    replace(Descriptors.OUTPUT, Descriptors.OUTPUT_WHEN_READY);
    replace(Descriptors.ERROR, Descriptors.ERROR_WHEN_READY);
  }

  private void replace(int stream, int by) throws IOException {
    int result = os.dup2(by, stream);
    if (result < 0) {
      throw Errno.exception("could not replace descriptor " + stream, result);
    }
    os.close(by);
  }

  /// Ends the process if it does not end by itself.
  private void haltLater() {
    Duration configured = config.gracefulShutdownTimeout();
    Duration limit = configured.isZero() ? ORPHAN_LIMIT : configured;
    try {
      Thread.sleep(limit);
    } catch (InterruptedException _) {
      // nobody interrupts this thread, but if somebody does, halting is right
    }
    log.error("not done after {}: the child ends at once", limit);
    Runtime.getRuntime().halt(ChildExit.FAILED);
  }

  /// Passes on what the child has to say.
  private final class ToSupervisor implements Child.Owner {
    @Override
    public void draining(String reason) {
      tell(new ControlMessage.Draining(reason));
    }

    @Override
    public void recycleDue(String reason) {
      tell(new ControlMessage.RecycleDue(reason));
    }

    @Override
    public void stuck(String reason) {
      log.error("{}: the child ends", reason);
      tell(new ControlMessage.ThreadDump(ThreadPrint.text()));
      Runtime.getRuntime().halt(ChildExit.STUCK); // exit would wait for what the requests hold
    }

    private void tell(ControlMessage message) {
      try {
        control.send(message);
      } catch (IOException e) {
        log.debug("could not tell the supervisor: {}", message, e); // it is gone; see obey
      }
    }
  }

  private static String reason(ControlMessage.Serve serve, boolean hosts, Throwable e) {
    String message = e.getMessage() == null ? "" : ": " + e.getMessage().strip();
    String text =
        "application "
            + serve.applicationClass()
            + (hosts ? " failed to start: " : " failed to open: ")
            + e.getClass().getName();
    return (text + message).replaceAll("\\s*\\R\\s*", " ");
  }

  private static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
