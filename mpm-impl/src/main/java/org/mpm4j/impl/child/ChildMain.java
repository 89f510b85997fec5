package org.mpm4j.impl.child;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.Vocabulary;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.control.ControlSocket;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The forked child's entry: serves what the supervisor says on descriptor 3, and exits.
///
/// Descriptors: 0 is `/dev/null`, 1 and 2 are the supervisor's, 3 is the control socket, 4 the
/// scoreboard, 5 and up the listening sockets.
public final class ChildMain {
  /*
   * Overview: the main thread opens the application, waits for the engine's end, closes and exits;
   * a daemon thread listens to the supervisor. So open and close run on the main thread, and the
   * process ends when the engine has, whatever threads the application left.
   *
   * Shutdown: when the supervisor dies nobody is left to kill a child that hangs. The control thread
   * then drains, waits, and halts the JVM if it still runs.
   */

  private static final Logger log = LoggerFactory.getLogger(ChildMain.class);

  private static final int CONTROL = 3;
  private static final String SCOREBOARD = "/proc/self/fd/4";
  private static final int FIRST_LISTENER = 7;

  /// How long an orphan may go on serving if `GracefulShutdownTimeout` sets no limit.
  private static final Duration ORPHAN_LIMIT = Duration.ofSeconds(30);

  @SuppressWarnings("NullAway")
  private Syscalls os2 = null;

  private final ControlSocket control;
  private final ControlMessage.Serve serve;
  private final MpmConfig config;

  private ChildMain(ControlSocket control, ControlMessage.Serve serve, MpmConfig config) {
    this.control = control;
    this.serve = serve;
    this.config = config;
  }

  /// Runs the child. Never returns: exits with 0 after it has drained, with 1 if it could not
  /// serve.
  ///
  /// @param args none
  public static void main(String[] args) {
    int status = 1;
    try {
      status = run();
    } catch (Throwable e) {
      log.error("the child cannot serve", e);
    }
    System.exit(status);
  }

  private static int run() throws Exception {
    Syscalls os = Linux.open();
    ControlSocket control = new ControlSocket(os, CONTROL);
    List<ControlMessage> early = new ArrayList<>(control.receive());
    if (early.isEmpty() || !(early.removeFirst() instanceof ControlMessage.Serve serve)) {
      log.error(
          "{} is started by a supervisor only: nothing received on descriptor {}",
          ChildMain.class.getName(),
          CONTROL);
      return 1;
    }
    Child child;
    ChildMain main;
    try {
      MpmConfig config =
          MpmConfig.parse("supervisor", serve.directives(), List.of(), Vocabulary.any());
      main = new ChildMain(control, serve, config);
      child = main.open(os);
    } catch (Throwable e) {
      control.send(new ControlMessage.Failed(reason(serve, e), trace(e)));
      return 1;
    }
    main.os2 = os;
    return main.serve(child, early);
  }

  private Child open(Syscalls os) throws Exception {
    List<Integer> descriptors = new ArrayList<>();
    List<SocketAddress> addresses = new ArrayList<>();
    for (int i = 0; i < serve.listeners(); i++) {
      // never closed: the exit of the process does, and only then is the backlog a sibling's alone
      ListenSocket listener = ListenSocket.inherited(os, FIRST_LISTENER + i);
      descriptors.add(listener.fd());
      addresses.add(listener.localAddress());
    }
    Child.Identity identity =
        new Child.Identity(serve.slot(), serve.generation(), false, addresses);
    return Child.open(
        os,
        config,
        load(serve.applicationClass()),
        identity,
        Scoreboard.attach(Path.of(SCOREBOARD)),
        descriptors,
        this::draining);
  }

  private static ServerApplication load(String name) throws Exception {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? ClassLoader.getSystemClassLoader() : context;
    return Class.forName(name, true, loader)
        .asSubclass(ServerApplication.class)
        .getConstructor()
        .newInstance();
  }

  private int serve(Child child, List<ControlMessage> early) throws Exception {
    child.start();
    var _ = os2.dup2(5, 1);
    var _ = os2.dup2(6, 2);
    os2.close(5);
    os2.close(6);
    control.send(new ControlMessage.Ready());
    Thread.ofPlatform().name("mpm-control").daemon().start(() -> obey(child, early));
    child.awaitTermination(Duration.ZERO);
    child.close();
    return 0;
  }

  /// Does what the supervisor says, until it is gone.
  private void obey(Child child, List<ControlMessage> early) {
    try {
      List<ControlMessage> messages = early;
      while (!control.ended()) {
        for (ControlMessage message : messages) {
          if (message instanceof ControlMessage.Drain) {
            child.drain();
          } else {
            log.error("unexpected message from the supervisor: {}", message);
          }
        }
        messages = control.receive();
      }
      log.warn("the supervisor is gone: the child serves what it has and exits");
    } catch (IOException e) {
      log.error("lost touch with the supervisor: the child serves what it has and exits", e);
    }
    child.drain();
    haltLater();
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
    Runtime.getRuntime().halt(1);
  }

  private void draining(String reason) {
    try {
      control.send(new ControlMessage.Draining(reason));
    } catch (IOException e) {
      log.debug("could not tell the supervisor: {}", reason, e); // it is gone; see obey
    }
  }

  private static String reason(ControlMessage.Serve serve, Throwable e) {
    String message = e.getMessage() == null ? "" : ": " + e.getMessage().strip();
    String text =
        "application " + serve.applicationClass() + " failed to open: " + e.getClass().getName();
    return (text + message).replaceAll("\\s*\\R\\s*", " ");
  }

  private static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
