package org.mpm4j.impl.child;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A child whose connections an engine moves: the open application and the engine.
final class EngineChild implements Child {
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

  private static final Logger slowLog = LoggerFactory.getLogger("org.mpm4j.slow");

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

  private final ServerApplication application;
  private final Engine engine;
  private final Monitor monitor;
  private final Service service;

  // guarded by this
  private boolean closed;

  private EngineChild(
      ServerApplication application, Service service, Engine engine, Monitor monitor) {
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
  static EngineChild open(
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
          application.open(new Context(config, identity, drain::raised, scoreboard));
      if (handler == null) {
        throw new IllegalStateException(
            "application " + application.getClass().getName() + " opened with a null handler");
      }
      try {
        int[] fds = listenDescriptors.stream().mapToInt(Integer::intValue).toArray();
        return assemble(
            os, config, application, identity, scoreboard, fds, handler, drain, terminate, owner);
      } catch (Throwable e) {
        Child.close(application);
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

  private static EngineChild assemble(
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
    int childLimit = replaceable ? config.childLimit() : 1;
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
            config.model().threaded() && childLimit > 1,
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
                  service,
                  score,
                  load,
                  EventLimits.of(config, childLimit, os.openFileLimit()),
                  fds);
        };
    outOfMemory.engine = engine;
    Surplus surplus = new Surplus(Surplus.IDLE_NANOS);
    Monitor monitor = new Monitor(service, engine, score, recycling, surplus, slowLog::warn, owner);
    return new EngineChild(application, service, engine, monitor);
  }

  @Override
  public void start() {
    engine.start();
    monitor.start();
  }

  @Override
  public void run() throws InterruptedException {
    var _ = awaitTermination(Duration.ZERO);
  }

  @Override
  public synchronized void accepting(boolean accepting) {
    if (!closed) {
      service.accepting(accepting);
      engine.acceptingChanged();
    }
  }

  @Override
  public synchronized void drain(boolean backlogToo) {
    if (!closed) {
      if (backlogToo) {
        service.takeBacklog();
      }
      engine.drain();
    }
  }

  @Override
  public synchronized void terminate() {
    if (!closed) {
      engine.terminate();
    }
  }

  @Override
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    boolean limited = timeout.compareTo(Duration.ZERO) > 0;
    return engine.threads().awaitTermination(limited ? timeout.toNanos() : Long.MAX_VALUE);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    monitor.close();
    Child.close(application);
    service.drain.close();
    service.terminate.close();
  }
}
