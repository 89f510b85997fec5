package org.mpm4j.impl.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.HeapScoreboard;
import org.mpm4j.stress.QuietKernel;

/// The real classes of a child, as far as its hand-offs need them, over a kernel that does nothing.
final class Parts {
  static final Syscalls KERNEL = new QuietKernel().calls();

  /// What the clock of a service shows that has none of its own.
  static final long NOW = 1000;

  private static final Limits LIMITS =
      Limits.of(MpmConfig.builder(ProcessModel.EVENT).listen("127.0.0.1:0").build());

  private static final ConnectionHandler HANDLER =
      new ConnectionHandler() {
        @Override
        public Disposition handle(Connection connection) {
          return Disposition.CLOSE;
        }
      };

  private Parts() {}

  /// A service that neither drains nor terminates yet.
  static Service service() {
    return service(new RequestTimeouts(0, 0), () -> NOW);
  }

  static Service service(RequestTimeouts timeouts, LongSupplier nanoTime) {
    try {
      return new Service(
          KERNEL,
          HANDLER,
          LIMITS,
          timeouts,
          nanoTime,
          Interruption.open(KERNEL),
          Interruption.open(KERNEL),
          () -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A load that has a scoreboard of its own.
  static ChildLoad load() {
    return load(0, () -> {});
  }

  static ChildLoad load(int maxConnections, Runnable limitReached) {
    return new ChildLoad(HeapScoreboard.open(), 0, false, maxConnections, limitReached);
  }

  /// A connection of an engine of its own.
  static EventConnection connection(Service service, Engine engine) {
    return new EventConnection(service, engine, 0, true);
  }

  /// An engine that moves nothing and counts what is given to it.
  static final class CountingEngine implements Engine {
    final AtomicInteger resumed = new AtomicInteger();

    @Override
    public void resumed(SocketConnection connection) {
      resumed.incrementAndGet();
    }

    @Override
    public void start() {}

    @Override
    public void acceptingChanged() {}

    @Override
    public void drain() {}

    @Override
    public void terminate() {}

    @Override
    public WorkerThreads threads() {
      throw new UnsupportedOperationException("it has none");
    }

    @Override
    public int spare() {
      return 0;
    }

    @Override
    public void retire(int count) {}

    @Override
    public boolean crowded(WorkerBuffers lent) {
      return false;
    }
  }
}
