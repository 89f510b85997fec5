package org.mpm4j.examples.servers;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.mpm4j.ServerLoad;

/// The last part of a drain, for a server that accepts no more and tells every client that its
/// connection ends: what is kept and idle gets a second for one more request, since that may be on
/// its way.
public final class Lull {
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  private Lull() {}

  /// Waits until all connections are closed, or until no request was seen in progress for a second.
  ///
  /// @param load where the server reports its requests
  /// @param closed whether all connections are; always false if the server cannot tell
  /// @throws InterruptedException if the thread is interrupted
  public static void await(ServerLoad load, BooleanSupplier closed) throws InterruptedException {
    long busy = System.nanoTime();
    while (!closed.getAsBoolean() && System.nanoTime() - busy < QUIET_NANOS) {
      Thread.sleep(5); // between two looks
      if (load.exchanges() > 0) {
        busy = System.nanoTime();
      }
    }
  }
}
