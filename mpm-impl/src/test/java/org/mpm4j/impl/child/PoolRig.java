package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.mpm4j.spi.WorkerPoolSettings;

/// A pool whose time stands still, and which is looked at only when a test does.
final class PoolRig implements AutoCloseable {
  static final Duration IDLE_TIME = Duration.ofSeconds(60);

  final AtomicLong clock = new AtomicLong(1_000_000);
  final AtomicBoolean refuse = new AtomicBoolean();
  final StandardWorkerPool pool;

  PoolRig(int minSpare, int maxSpare, int maxThreads, int capacity) {
    pool =
        new StandardWorkerPool(
            new WorkerPoolSettings(minSpare, maxSpare, maxThreads, capacity, IDLE_TIME, "rig-"),
            clock::get,
            this::start,
            null);
    pool.startSpares();
  }

  private void start(Thread thread) {
    if (refuse.get()) {
      throw new OutOfMemoryError("unable to create native thread: for the test");
    }
    thread.start();
  }

  /// Lets a sixtieth of the idle time go by, and looks.
  void tick() {
    clock.addAndGet(IDLE_TIME.toNanos() / PoolShrink.LOOKS);
    pool.look();
  }

  static void await(BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(45), "not within 45 s");
      LockSupport.parkNanos(100_000);
    }
  }

  static void open(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(45, TimeUnit.SECONDS), "not within 45 s");
  }

  /// A task that says that it has begun and waits for a word.
  record Held(CountDownLatch begun, CountDownLatch go) implements Runnable {
    Held() {
      this(new CountDownLatch(1), new CountDownLatch(1));
    }

    @Override
    public void run() {
      begun.countDown();
      try {
        go.await();
      } catch (InterruptedException _) {
        // it was told to end
      }
    }
  }

  @Override
  public void close() {
    var _ = pool.shutdownNow();
    await(pool::isTerminated);
  }
}
