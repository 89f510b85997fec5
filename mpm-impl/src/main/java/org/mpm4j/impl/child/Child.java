package org.mpm4j.impl.child;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.impl.os.Syscalls;
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

  private record Context(MpmConfig config, Identity identity, Interruption drain)
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
  }

  /// Tells the owner, once, that the child drains by its own decision.
  private static final class OwnDecision {
    private final Consumer<String> draining;
    private final AtomicBoolean told = new AtomicBoolean();

    OwnDecision(Consumer<String> draining) {
      this.draining = draining;
    }

    void tell(String reason) {
      if (!told.getAndSet(true)) {
        draining.accept(reason);
      }
    }
  }

  private final ServerApplication application;
  private final Engine engine;
  private final Interruption drain;
  private final Interruption terminate;

  // guarded by this
  private boolean closed;

  private Child(
      ServerApplication application, Engine engine, Interruption drain, Interruption terminate) {
    this.application = application;
    this.engine = engine;
    this.drain = drain;
    this.terminate = terminate;
  }

  /// Opens the application and prepares the engine; does not accept yet.
  ///
  /// In-process, `MaxConnectionsPerChild` has no effect and a handler's [OutOfMemoryError] ends
  /// only its connection: both replace a process, and there is none to replace.
  ///
  /// @param listenDescriptors non-blocking listening sockets, which stay the caller's
  /// @param draining called at most once, from any thread and quickly to return, with a reason when
  ///   the child decides to drain by itself
  /// @throws IllegalStateException if the application is not thread-safe and the model has threads
  /// @throws Exception what [ServerApplication#open] threw
  public static Child open(
      Syscalls os,
      MpmConfig config,
      ServerApplication application,
      Identity identity,
      Scoreboard scoreboard,
      List<Integer> listenDescriptors,
      Consumer<String> draining)
      throws Exception {
    refuseUnsafe(config, application);
    Interruption drain = Interruption.open(os);
    Interruption terminate = null;
    try {
      terminate = Interruption.open(os);
      ConnectionHandler handler = application.open(new Context(config, identity, drain));
      if (handler == null) {
        throw new IllegalStateException(
            "application " + application.getClass().getName() + " opened with a null handler");
      }
      try {
        int[] fds = listenDescriptors.stream().mapToInt(Integer::intValue).toArray();
        OwnDecision decision = new OwnDecision(draining);
        Engine engine =
            engine(os, config, identity, scoreboard, fds, handler, drain, terminate, decision);
        return new Child(application, engine, drain, terminate);
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

  private static Engine engine(
      Syscalls os,
      MpmConfig config,
      Identity identity,
      Scoreboard scoreboard,
      int[] fds,
      ConnectionHandler handler,
      Interruption drain,
      Interruption terminate,
      OwnDecision decision)
      throws IOException {
    boolean replaceable = !identity.inProcess();
    int most = replaceable ? config.maxConnectionsPerChild() : 0;
    Runnable outOfMemory =
        () -> {
          if (replaceable) {
            drain.raise();
            decision.tell("a handler ran out of memory");
          }
        };
    Service service =
        new Service(
            os, handler, Limits.of(config), System::nanoTime, drain, terminate, outOfMemory);
    ChildLoad load =
        new ChildLoad(
            scoreboard,
            identity.slot(),
            config.model().threaded() && replaceable,
            most,
            () -> decision.tell("MaxConnectionsPerChild (" + most + ") reached"));
    return switch (config.model()) {
      case PREFORK -> new BlockingEngine(service, load, fds, 1, "prefork");
      case WORKER -> new BlockingEngine(service, load, fds, config.threadsPerChild(), "worker");
      case EVENT -> new EventEngine(service, load, EventLimits.of(config, os.openFileLimit()), fds);
    };
  }

  /// Accepts from now on. Once.
  public void start() {
    engine.start();
  }

  /// Accepts no more and ends when the last exchange has. Any thread; idempotent; at once.
  public synchronized void drain() {
    if (!closed) {
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
    return engine.awaitTermination(limited ? timeout.toNanos() : Long.MAX_VALUE);
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
    closeApplication(application);
    drain.close();
    terminate.close();
  }

  private static void closeApplication(ServerApplication application) {
    try {
      application.close();
    } catch (Exception | Error e) {
      log.error("application {} failed to close", application.getClass().getName(), e);
    }
  }
}
