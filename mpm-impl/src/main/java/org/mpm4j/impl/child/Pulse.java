package org.mpm4j.impl.child;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after a child again and again: a daemon thread with a period.
///
/// Whatever a look throws is logged, and the next one comes in its time. A look must not block for
/// long.
final class Pulse {
  private static final Logger log = LoggerFactory.getLogger(Pulse.class);

  private final long periodNanos;
  private final LongSupplier nanoTime;
  private final LongConsumer look;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param look takes what `nanoTime` says; called by one thread
  Pulse(long periodNanos, LongSupplier nanoTime, LongConsumer look) {
    this.periodNanos = periodNanos;
    this.nanoTime = nanoTime;
    this.look = look;
    this.thread = Thread.ofPlatform().name("mpm-monitor").daemon().unstarted(this::run);
  }

  /// Looks at once, and from now on. Once.
  void start() {
    thread.start();
  }

  /// Ends the thread, and waits for it.
  void close() {
    closed.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      do {
        try {
          look.accept(nanoTime.getAsLong());
        } catch (RuntimeException | Error e) {
          log.error("the child's monitor failed and goes on", e);
        }
      } while (!closed.await(periodNanos, TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      log.error("the child's monitor was interrupted and ends", e);
    }
  }
}
