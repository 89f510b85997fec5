package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The stack of idle workers.
@Timeout(120)
final class IdleWorkersTest {
  private static final int THREADS = 4;
  private static final int WORKERS = 6;
  private static final int ROUNDS = 200_000;

  @Test
  void hasNoneAtFirst() {
    IdleWorkers idle = new IdleWorkers(3);
    assertEquals(0, idle.count());
    assertEquals(-1, idle.tryPop());
    assertEquals(0, idle.count());
  }

  @Test
  void popsTheLastPushedFirst() {
    IdleWorkers idle = new IdleWorkers(3);
    idle.push(1);
    idle.push(0);
    idle.push(2);
    assertEquals(3, idle.count());
    assertEquals(2, idle.tryPop());
    assertEquals(0, idle.tryPop());
    idle.push(2);
    assertEquals(2, idle.tryPop());
    assertEquals(1, idle.tryPop());
    assertEquals(-1, idle.tryPop());
    assertEquals(0, idle.count());
  }

  /// Each thread takes up to two workers, so that they go back in another order than they came
  /// (ABA), and is the only one to have them meanwhile.
  @Test
  void neitherLosesNorDoublesAWorker() throws Exception {
    IdleWorkers idle = new IdleWorkers(WORKERS);
    AtomicIntegerArray owners = new AtomicIntegerArray(WORKERS);
    for (int worker = 0; worker < WORKERS; worker++) {
      idle.push(worker);
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Long>> ends = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        RandomGenerator random = RandomGeneratorFactory.getDefault().create(i);
        ends.add(threads.submit(() -> popAndPush(idle, owners, random)));
      }
      long taken = 0;
      for (Future<Long> end : ends) {
        taken += end.get();
      }
      assertTrue(taken > ROUNDS, "taken " + taken);
    }
    assertEquals(WORKERS, idle.count());
    Set<Integer> left = new HashSet<>();
    for (int worker; (worker = idle.tryPop()) >= 0; ) {
      assertTrue(left.add(worker), worker + " twice");
    }
    assertEquals(WORKERS, left.size());
  }

  private static long popAndPush(
      IdleWorkers idle, AtomicIntegerArray owners, RandomGenerator random) {
    long taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int first = take(idle, owners);
      int second = random.nextBoolean() ? take(idle, owners) : -1;
      boolean swap = random.nextBoolean();
      giveBack(idle, owners, swap ? first : second);
      giveBack(idle, owners, swap ? second : first);
      taken += (first >= 0 ? 1 : 0) + (second >= 0 ? 1 : 0);
    }
    return taken;
  }

  private static int take(IdleWorkers idle, AtomicIntegerArray owners) {
    int worker = idle.tryPop();
    if (worker >= 0) {
      assertEquals(1, owners.incrementAndGet(worker), "owners of " + worker);
    }
    return worker;
  }

  private static void giveBack(IdleWorkers idle, AtomicIntegerArray owners, int worker) {
    if (worker >= 0) {
      assertEquals(0, owners.decrementAndGet(worker), "owners of " + worker);
      idle.push(worker);
    }
  }
}
