package org.mpm4j.impl.child;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.ServerApplication;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One child: the open application and the engine that serves with it.
public final class Child {
  /*
   * Overview: open → start → (drain | terminate) → terminated → close. Draining and terminating are two
   * Interruptions that every wait of the engine watches.
   *
   * Ownership: the engine's threads own the connections; whoever opened the child closes it. The
   * listening sockets and the scoreboard are lent.
   *
   * Shutdown: close() releases the Interruptions, so it may run only after awaitTermination has returned
   * true; `closed` keeps a late drain() from raising one whose descriptor is somebody else's by then.
   * Hence the lock around raising and closing: both are rare and short.
   */

  private static final Logger log = LoggerFactory.getLogger(Child.class);
  private static final Logger slowLog = LoggerFactory.getLogger("org.mpm4j.slow");

  /// Which child this is.
  ///
  /// @param slot its slot in the scoreboard
  /// @param generation of the configuration
  /// @param inProcess whether it shares the JVM of the supervisor
  /// @param addresses what it listens to, with real ports
  public record Identity(
      int slot, int generation, boolean inProcess, List<SocketAddress> addresses) {
    /// Copies the list.
    public Identity {
      addresses = List.copyOf(addresses);
    }
  }

  private record Context(
      MpmConfig config, Identity identity, Interruption drain, Scoreboard scoreboard)
      implements ChildContext {
    @Override
    public int slot() {
      return identity.slot();
    }

    @Override
    public int generation() {
      return identity.generation();
    }

    @Override
    public List<SocketAddress> addresses() {
      return identity.addresses();
    }

    @Override
    public boolean inProcess() {
      return identity.inProcess();
    }

    @Override
    public boolean draining() {
      return drain.raised();
    }

    @Override
    public MpmStatus status() {
      return scoreboard.status();
    }
  }

  /// Whom a child tells what its process should do. Any thread calls, and wants to return soon.
  public interface Owner {
    /// The child drains by its own decision. At most once.
    ///
    /// @param reason one line
    void draining(String reason);

    /// The child should be replaced, and goes on until it is told to drain. At most once for each
    /// reason.
    ///
    /// @param reason one line
    void recycleDue(String reason);

    /// The child drains, and nothing is left but requests that do not end: the process may. At most
    /// once.
    ///
    /// @param reason one line
    void stuck(String reason);
  }

  /// Drains the child, once, when a handler has run out of memory: the JVM may be in any state.
  private static final class OutOfMemory implements Runnable {
    private final Owner owner;
    private final AtomicBoolean told = new AtomicBoolean();

    // set before the engine starts
    private @Nullable Engine engine;

    OutOfMemory(Owner owner) {
      this.owner = owner;
    }

    @Override
    public void run() {
      if (engine != null && !told.getAndSet(true)) {
        engine.drain();
        owner.draining("a handler ran out of memory");
      }
    }
  }

  /// The owner of a child that has no process of its own.
  public static final Owner NOBODY =
      new Owner() {
        @Override
        public void draining(String reason) {}

        @Override
        public void recycleDue(String reason) {}

        @Override
        public void stuck(String reason) {}
      };

  private final ServerApplication application;
  private final Engine engine;
  private final Monitor monitor;
  private final Service service;

  // guarded by this
  private boolean closed;

  private Child(ServerApplication application, Service service, Engine engine, Monitor monitor) {
    this.application = application;
    this.service = service;
    this.engine = engine;
    this.monitor = monitor;
  }

  /// Opens the application and prepares the engine; does not accept yet.
  ///
  /// In-process, `MaxConnectionsPerChild` and `MaxChildAge` have no effect, a request that outlasts
  /// `RequestTerminateTimeout` is only interrupted, and a handler's [OutOfMemoryError] ends only
  /// its connection: the rest would replace a process, and there is none to replace.
  ///
  /// @param listenDescriptors non-blocking listening sockets, which stay the caller's
  /// @param owner whom to tell when the process should end or be replaced
  /// @throws IllegalStateException if the application is not thread-safe and the model has threads
  /// @throws Exception what [ServerApplication#open] threw
  public static Child open(
      Syscalls os,
      MpmConfig config,
      ServerApplication application,
      Identity identity,
      Scoreboard scoreboard,
      List<Integer> listenDescriptors,
      Owner owner)
      throws Exception {
    refuseUnsafe(config, application);
    Interruption drain = Interruption.open(os);
    Interruption terminate = null;
    try {
      terminate = Interruption.open(os);
      ConnectionHandler handler =
          application.open(new Context(config, identity, drain, scoreboard));
      if (handler == null) {
        throw new IllegalStateException(
            "application " + application.getClass().getName() + " opened with a null handler");
      }
      try {
        int[] fds = listenDescriptors.stream().mapToInt(Integer::intValue).toArray();
        return assemble(
            os, config, application, identity, scoreboard, fds, handler, drain, terminate, owner);
      } catch (Throwable e) {
        closeApplication(application);
        throw e;
      }
    } catch (Throwable e) {
      drain.close();
      if (terminate != null) {
        terminate.close();
      }
      throw e;
    }
  }

  private static void refuseUnsafe(MpmConfig config, ServerApplication application) {
    if (config.model().threaded() && !application.threadSafe()) {
      throw new IllegalStateException(
          "application "
              + application.getClass().getName()
              + " is not thread-safe (threadSafe() is false), but the "
              + config.model().httpdName()
              + " MPM serves it with "
              + config.threadsPerChild()
              + " threads in each child: use the prefork MPM (Mpm prefork)");
    }
  }

  private static Child assemble(
      Syscalls os,
      MpmConfig config,
      ServerApplication application,
      Identity identity,
      Scoreboard scoreboard,
      int[] fds,
      ConnectionHandler handler,
      Interruption drain,
      Interruption terminate,
      Owner owner)
      throws IOException {
    boolean replaceable = !identity.inProcess();
    Recycling recycling =
        replaceable
            ? Recycling.of(config, ThreadLocalRandom.current().nextDouble())
            : Recycling.NEVER;
    OutOfMemory outOfMemory = new OutOfMemory(owner);
    Service service =
        new Service(
            os,
            handler,
            Limits.of(config),
            RequestTimeouts.of(config),
            System::nanoTime,
            drain,
            terminate,
            replaceable ? outOfMemory : () -> {});
    ProcessScore score = scoreboard.process(identity.slot());
    ChildLoad load =
        new ChildLoad(
            scoreboard,
            identity.slot(),
            config.model().threaded() && replaceable,
            recycling.connections(),
            () ->
                owner.recycleDue(
                    "MaxConnectionsPerChild ("
                        + config.maxConnectionsPerChild()
                        + ") reached with "
                        + recycling.connections()));
    int threads = config.threadsPerChild();
    Engine engine =
        switch (config.model()) {
          case PREFORK -> new BlockingEngine(service, score, load, fds, 1, "prefork");
          case WORKER -> new BlockingEngine(service, score, load, fds, threads, "worker");
          case EVENT ->
              new EventEngine(
                  service, score, load, EventLimits.of(config, os.openFileLimit()), fds);
        };
    outOfMemory.engine = engine;
    Surplus surplus = new Surplus(Surplus.IDLE_NANOS);
    Monitor monitor = new Monitor(service, engine, score, recycling, surplus, slowLog::warn, owner);
    return new Child(application, service, engine, monitor);
  }

  /// Accepts from now on. Once.
  public void start() {
    engine.start();
    monitor.start();
  }

  /// Leaves new connections to the siblings, or takes them again; what is connected is served as
  /// ever. Any thread; at once; without effect on a child that drains.
  public synchronized void accepting(boolean accepting) {
    if (!closed) {
      service.accepting(accepting);
      engine.acceptingChanged();
    }
  }

  /// Accepts no more and ends when the last exchange has. An idle connection may stay for a moment,
  /// in which its next request is answered. Any thread; idempotent; at once.
  ///
  /// @param backlogToo whether to accept first what waits in the backlog, because no sibling will;
  ///   of no effect in a child that drains already
  public synchronized void drain(boolean backlogToo) {
    if (!closed) {
      if (backlogToo) {
        service.takeBacklog();
      }
      engine.drain();
    }
  }

  /// Cuts off everything in progress and interrupts the handlers. Any thread; idempotent; at once.
  public synchronized void terminate() {
    if (!closed) {
      engine.terminate();
    }
  }

  /// Waits until the child has ended after a [#drain] or [#terminate].
  ///
  /// @param timeout how long at most; zero or less means without limit, as in
  ///   `GracefulShutdownTimeout`
  /// @return whether it has ended
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    boolean limited = timeout.compareTo(Duration.ZERO) > 0;
    return engine.threads().awaitTermination(limited ? timeout.toNanos() : Long.MAX_VALUE);
  }

  /// Closes the application and releases what the child holds. Only after [#awaitTermination] has
  /// returned true; idempotent.
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    monitor.close();
    closeApplication(application);
    service.drain.close();
    service.terminate.close();
  }

  private static void closeApplication(ServerApplication application) {
    try {
      application.close();
    } catch (Exception | Error e) {
      log.error("application {} failed to close", application.getClass().getName(), e);
    }
  }
}
