package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.impl.child.PoolRig.Held;
import org.mpm4j.spi.WorkerPoolSettings;

/// What an [ExecutorService] promises: the JDK's pool, ours, and ours seen through its view.
@Timeout(120)
final class ExecutorServiceTest {
  enum Pool {
    JDK,
    OURS,
    UNCOUNTED;

    ExecutorService open(int threads) {
      return switch (this) {
        case JDK ->
            new ThreadPoolExecutor(
                threads, threads, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        case OURS -> ours(threads);
        case UNCOUNTED -> ours(threads).uncounted();
      };
    }

    private static StandardWorkerPool ours(int threads) {
      return StandardWorkerPool.open(
          new WorkerPoolSettings(1, threads, threads, 20_000, PoolRig.IDLE_TIME, "contract-"),
          null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void runsEveryTaskOfABurstOnce(Pool kind) throws Exception {
    AtomicInteger[] runs = new AtomicInteger[10_000];
    try (ExecutorService pool = kind.open(8)) {
      for (int i = 0; i < runs.length; i++) {
        AtomicInteger count = new AtomicInteger();
        runs[i] = count;
        pool.execute(count::incrementAndGet);
      }
    }
    for (AtomicInteger count : runs) {
      assertEquals(1, count.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void runsInOrderOnOneThread(Pool kind) {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<Integer> expected = new ArrayList<>();
    try (ExecutorService pool = kind.open(1)) {
      for (int i = 0; i < 5_000; i++) {
        int number = i;
        expected.add(number);
        pool.execute(() -> order.add(number));
      }
    }
    assertEquals(expected, order);
  }

  @ParameterizedTest
  @EnumSource
  void tellsWhatATaskReturnsAndThrows(Pool kind) throws Exception {
    try (ExecutorService pool = kind.open(2)) {
      assertEquals("value", pool.submit(() -> "value").get());
      Callable<String> fails =
          () -> {
            throw new java.io.IOException("for the test");
          };
      Exception e = assertThrows(ExecutionException.class, () -> pool.submit(fails).get());
      assertEquals("java.io.IOException: for the test", String.valueOf(e.getCause()));
      List<Callable<Integer>> calls = List.of(() -> 1, () -> 2, () -> 3);
      int sum = 0;
      for (Future<Integer> future : pool.invokeAll(calls)) {
        sum += future.get();
      }
      assertEquals(6, sum);
      assertTrue(List.of(1, 2, 3).contains(pool.invokeAny(calls)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesOnWhenATaskThrows(Pool kind) throws Exception {
    AtomicInteger seen = new AtomicInteger();
    try (ExecutorService pool = kind.open(2)) {
      for (int i = 0; i < 20; i++) {
        pool.execute(() -> {
          Thread.currentThread()
              .setUncaughtExceptionHandler((_, e) -> {
                if (e instanceof StackOverflowError) {
                  seen.incrementAndGet();
                }
              });
          throw new StackOverflowError("for the test");
        });
      }
      assertEquals("alive", pool.submit(() -> "alive").get());
    }
    PoolRig.await(() -> seen.get() == 20); // the JDK's threads tell it when they have left the pool
  }

  @ParameterizedTest
  @EnumSource
  void leavesNoInterruptToTheNextTask(Pool kind) throws Exception {
    try (ExecutorService pool = kind.open(1)) {
      for (int i = 0; i < 100; i++) {
        pool.execute(() -> Thread.currentThread().interrupt());
        assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancelsWithAnInterruptThatOnlyThatTaskSees(Pool kind) throws Exception {
    try (ExecutorService pool = kind.open(1)) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      Future<?> future =
          pool.submit(() -> {
            begun.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException _) {
              interrupted.countDown();
            }
          });
      PoolRig.open(begun);
      assertTrue(future.cancel(true));
      PoolRig.open(interrupted);
      assertThrows(CancellationException.class, future::get);
      assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void runsWhatWaitsWhenItIsShutDown(Pool kind) throws Exception {
    ExecutorService pool = kind.open(1);
    Held held = new Held();
    AtomicInteger ran = new AtomicInteger();
    pool.execute(held);
    for (int i = 0; i < 5; i++) {
      pool.execute(ran::incrementAndGet);
    }
    PoolRig.open(held.begun());
    pool.shutdown();
    pool.shutdown();
    assertTrue(pool.isShutdown());
    assertFalse(pool.isTerminated());
    assertFalse(pool.awaitTermination(1, TimeUnit.MILLISECONDS));
    assertThrows(RejectedExecutionException.class, () -> pool.execute(ran::incrementAndGet));
    held.go().countDown();
    assertTrue(pool.awaitTermination(45, TimeUnit.SECONDS));
    assertTrue(pool.isTerminated());
    assertEquals(5, ran.get());
    assertEquals(List.of(), pool.shutdownNow());
    assertDoesNotThrow(pool::close);
  }

  @ParameterizedTest
  @EnumSource
  void returnsWhatWaitsAndInterruptsWhatRunsWhenItIsStopped(Pool kind) throws Exception {
    ExecutorService pool = kind.open(1);
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    pool.execute(() -> {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException _) {
        interrupted.set(true);
      }
    });
    Runnable first = () -> {};
    Runnable second = () -> {};
    PoolRig.open(begun);
    pool.execute(first);
    pool.execute(second);
    assertEquals(List.of(first, second), pool.shutdownNow());
    assertTrue(pool.awaitTermination(45, TimeUnit.SECONDS));
    assertTrue(interrupted.get());
    assertThrows(RejectedExecutionException.class, () -> pool.execute(first));
  }

  @ParameterizedTest
  @EnumSource
  void endsWhenIdleOrNeverUsed(Pool kind) throws Exception {
    ExecutorService idle = kind.open(4);
    idle.submit(() -> {}).get();
    idle.shutdown();
    assertTrue(idle.awaitTermination(45, TimeUnit.SECONDS));
    ExecutorService unused = kind.open(4);
    assertEquals(List.of(), unused.shutdownNow());
    assertTrue(unused.awaitTermination(45, TimeUnit.SECONDS));
  }

  /// Each of what two threads hand in while a third one stops the pool was run, returned, or
  /// rejected, once.
  @ParameterizedTest
  @EnumSource
  void losesNothingWhileItIsStopped(Pool kind) throws Exception {
    for (int round = 0; round < 200; round++) {
      ExecutorService pool = kind.open(2);
      AtomicInteger ran = new AtomicInteger();
      AtomicInteger rejected = new AtomicInteger();
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> callers = new ArrayList<>();
      for (int caller = 0; caller < 2; caller++) {
        callers.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  for (int i = 0; i < 50; i++) {
                    try {
                      pool.execute(ran::incrementAndGet);
                    } catch (RejectedExecutionException _) {
                      rejected.incrementAndGet();
                    }
                  }
                }));
      }
      go.countDown();
      if (round % 2 == 0) {
        PoolRig.await(() -> ran.get() > 0);
      }
      List<Runnable> returned = pool.shutdownNow();
      for (Thread caller : callers) {
        caller.join();
      }
      assertTrue(pool.awaitTermination(45, TimeUnit.SECONDS));
      assertEquals(100, ran.get() + rejected.get() + returned.size());
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesNull(Pool kind) {
    try (ExecutorService pool = kind.open(1)) {
      assertThrows(NullPointerException.class, () -> pool.execute(null));
    }
  }
}
