package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.WorkerPool;
import org.mpm4j.impl.child.PoolRig.Held;

/// What the pool does beyond an [java.util.concurrent.ExecutorService].
@Timeout(120)
final class StandardWorkerPoolTest {
  private static List<Held> hold(WorkerPool pool, int count) throws InterruptedException {
    List<Held> held = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Held task = new Held();
      pool.execute(task);
      held.add(task);
    }
    for (Held task : held) {
      PoolRig.open(task.begun());
    }
    return held;
  }

  private static void release(List<Held> held) {
    held.forEach(task -> task.go().countDown());
  }

  @Test
  void growsBeforeItQueuesAndRejectsWhenItIsFull() throws Exception {
    try (PoolRig rig = new PoolRig(0, 3, 3, 2)) {
      assertEquals(0, rig.pool.threads());
      List<Held> held = new ArrayList<>();
      for (int threads = 1; threads <= 3; threads++) {
        held.addAll(hold(rig.pool, 1));
        assertEquals(threads, rig.pool.threads());
        assertEquals(threads, rig.pool.busyThreads());
      }
      AtomicInteger ran = new AtomicInteger();
      rig.pool.execute(ran::incrementAndGet);
      rig.pool.execute(ran::incrementAndGet);
      assertEquals(2, rig.pool.queued());
      Exception e =
          assertThrows(
              RejectedExecutionException.class, () -> rig.pool.execute(ran::incrementAndGet));
      assertTrue(
          e.toString()
              .contains("3 busy and 0 idle of at most 3 threads, 2 of at most 2 tasks queued"),
          e.toString());
      assertFalse(rig.pool.tryExecute(ran::incrementAndGet));
      release(held);
      PoolRig.await(() -> rig.pool.idleThreads() == 3);
      assertEquals(2, ran.get());
      assertEquals(3, rig.pool.threads());
    }
  }

  @Test
  void handsOverOnlyWithoutAQueue() throws Exception {
    try (PoolRig rig = new PoolRig(1, 2, 2, 0)) {
      List<Held> held = hold(rig.pool, 2);
      assertThrows(RejectedExecutionException.class, () -> rig.pool.execute(() -> {}));
      release(held);
      PoolRig.await(() -> rig.pool.idleThreads() == 2);
      assertTrue(rig.pool.tryExecute(() -> {}));
    }
  }

  @Test
  void keepsSpareThreadsAheadOfNeed() throws Exception {
    try (PoolRig rig = new PoolRig(3, 10, 10, 0)) {
      assertEquals(3, rig.pool.idleThreads());
      List<Held> held = new ArrayList<>();
      for (int busy = 1; busy <= 10; busy++) {
        held.addAll(hold(rig.pool, 1));
        assertEquals(Math.min(3, 10 - busy), rig.pool.idleThreads());
        assertEquals(busy, rig.pool.busyThreads());
      }
      release(held);
    }
  }

  @Test
  void endsOneThreadForEachLookAndLeavesTheSpareOnes() throws Exception {
    try (PoolRig rig = new PoolRig(2, 20, 20, 0)) {
      release(hold(rig.pool, 20));
      PoolRig.await(() -> rig.pool.idleThreads() == 20);
      for (int i = 0; i <= PoolShrink.LOOKS; i++) {
        rig.tick(); // the window in which they were busy goes by
      }
      int threads = 20;
      int looks = 0;
      while (threads > 2) {
        rig.tick();
        looks++;
        assertTrue(looks < 200, "it does not shrink");
        if (looks < PoolShrink.LOOKS) {
          assertEquals(20, rig.pool.threads(), "too early");
        }
        // the thread that was told to end does so in its own time; one at most
        int before = threads;
        if (looks >= PoolShrink.LOOKS) {
          PoolRig.await(() -> rig.pool.threads() == before - 1);
          threads--;
        }
      }
      for (int i = 0; i < 2 * PoolShrink.LOOKS; i++) {
        rig.tick();
      }
      assertEquals(2, rig.pool.threads());
      assertEquals(2, rig.pool.idleThreads());
    }
  }

  @Test
  void doesNotWaitForTheIdleTimeBeyondMaxSpareThreads() throws Exception {
    try (PoolRig rig = new PoolRig(1, 4, 10, 0)) {
      release(hold(rig.pool, 10));
      PoolRig.await(() -> rig.pool.idleThreads() == 10);
      rig.tick(); // they were busy a moment ago
      for (int threads = 9; threads >= 4; threads--) {
        int expected = threads;
        rig.tick();
        PoolRig.await(() -> rig.pool.threads() == expected);
      }
      rig.tick();
      rig.tick();
      assertEquals(4, rig.pool.threads());
    }
  }

  /// A burst that was shorter than the time between two looks keeps its threads.
  @Test
  void remembersABurstBetweenTwoLooks() throws Exception {
    try (PoolRig rig = new PoolRig(0, 8, 8, 0)) {
      for (int round = 0; round < 3 * PoolShrink.LOOKS; round++) {
        if (round % (PoolShrink.LOOKS / 2) == 0) {
          release(hold(rig.pool, 8));
          PoolRig.await(() -> rig.pool.idleThreads() == 8);
        }
        rig.tick();
        assertEquals(8, rig.pool.threads());
      }
    }
  }

  @Test
  void serveABurstWithNoMoreThanItsThreads() throws Exception {
    try (PoolRig rig = new PoolRig(2, 7, 7, 10_000)) {
      AtomicInteger running = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      AtomicInteger ran = new AtomicInteger();
      Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());
      for (int i = 0; i < 10_000; i++) {
        rig.pool.execute(() -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          threads.add(Thread.currentThread());
          running.decrementAndGet();
          ran.incrementAndGet();
        });
      }
      PoolRig.await(() -> ran.get() == 10_000);
      assertTrue(most.get() <= 7, "at a time: " + most);
      assertTrue(threads.size() <= 7, "threads: " + threads);
    }
  }

  /// Threads retire again and again while tasks come: each of them is run.
  @Test
  void losesNothingWhileThreadsRetire() throws Exception {
    try (PoolRig rig = new PoolRig(0, 0, 4, 16)) {
      AtomicInteger ran = new AtomicInteger();
      AtomicInteger taken = new AtomicInteger();
      Thread caller =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 5_000; i++) {
                  if (rig.pool.tryExecute(ran::incrementAndGet)) {
                    taken.incrementAndGet();
                  }
                }
              });
      while (caller.isAlive()) {
        rig.tick();
      }
      PoolRig.await(() -> ran.get() == taken.get());
      PoolRig.await(() -> {
        rig.tick();
        return rig.pool.threads() == 0;
      });
      assertEquals(taken.get(), ran.get());
    }
  }

  @Test
  void goesOnWhenTheSystemRefusesThreads() throws Exception {
    try (PoolRig rig = new PoolRig(0, 4, 4, 8)) {
      rig.refuse.set(true);
      Exception e =
          assertThrows(RejectedExecutionException.class, () -> rig.pool.execute(() -> {}));
      assertTrue(e.toString().contains("the system refuses threads"), e.toString());
      assertEquals(0, rig.pool.threads());
      rig.refuse.set(false);
      assertFalse(rig.pool.tryExecute(() -> {}), "asked again within a second");
      rig.clock.addAndGet(1_000_000_000L);
      List<Held> held = hold(rig.pool, 1);
      rig.refuse.set(true);
      AtomicInteger ran = new AtomicInteger();
      rig.pool.execute(ran::incrementAndGet);
      assertEquals(1, rig.pool.threads());
      assertEquals(1, rig.pool.queued());
      rig.refuse.set(false);
      rig.tick(); // what waits gets the thread that was refused
      PoolRig.await(() -> ran.get() == 1);
      assertEquals(2, rig.pool.threads());
      release(held);
    }
  }

  @Test
  void saysWhatItExpects() {
    assertEquals(
        "maxThreads is 0, expected 1 to 32767",
        assertThrows(IllegalArgumentException.class, () -> WorkerPool.builder().maxThreads(0))
            .getMessage());
    assertEquals(
        "minSpareThreads is 5, expected 0 to maxThreads, which is 4",
        assertThrows(
                IllegalArgumentException.class,
                () -> WorkerPool.builder().maxThreads(4).minSpareThreads(5).build())
            .getMessage());
    assertEquals(
        "maxSpareThreads is 2, expected at least minSpareThreads, which is 3",
        assertThrows(
                IllegalArgumentException.class,
                () -> WorkerPool.builder().minSpareThreads(3).maxSpareThreads(2).build())
            .getMessage());
    assertEquals(
        "idleTime is PT0S, expected PT0.06S to PT8760H",
        assertThrows(
                IllegalArgumentException.class, () -> WorkerPool.builder().idleTime(Duration.ZERO))
            .getMessage());
  }
}
