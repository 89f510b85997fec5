package org.mpm4j.impl.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mpm4j.ProcessPolicy;

/// What is true of the autoscaler whatever happens: random children, on a virtual clock.
final class AutoscalerWalkTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;
  private static final int WALKS = 150;
  private static final List<ProcessPolicy> POLICIES = List.of(ProcessPolicy.values());

  @Test
  void neverExceedsTheLimitAndRetiresOneAtATime() {
    for (int seed = 0; seed < WALKS; seed++) {
      Random random = new Random(seed);
      ScalingLimits limits = limits(random);
      SimulatedPool pool = pool(limits, random);
      AutoscalerRule rule = new AutoscalerRule(limits, 0);
      int all = limits.childLimit() * limits.workersPerChild();
      int demand = 0;
      long now = 0;
      while (now < 300 * SECOND) {
        long passed = (1 + random.nextInt(1000)) * MILLI;
        now += passed;
        if (random.nextInt(10) == 0) {
          demand = random.nextInt(all + all / 4 + 1);
        }
        pool.advance(passed, demand);
        if (random.nextInt(40) == 0) {
          killAny(pool, random);
        }
        if (random.nextInt(100) == 0) {
          rule.limits(limits.withPinned(random.nextInt(limits.childLimit() + 2)));
        }
        rule.act(pool, now);
        Fleet fleet = pool.fleet();
        assertTrue(fleet.total() <= limits.childLimit(), "seed " + seed + ": " + fleet);
        assertTrue(fleet.retiring().size() <= 1, "seed " + seed + ": " + fleet);
      }
    }
  }

  @Test
  void comesToRestUnderASteadyLoad() {
    for (int seed = 0; seed < WALKS; seed++) {
      Random random = new Random(seed);
      ScalingLimits limits = limits(random);
      SimulatedPool pool = pool(limits, random);
      AutoscalerRule rule = new AutoscalerRule(limits, 0);
      int all = limits.childLimit() * limits.workersPerChild();
      int demand = random.nextInt(all + all / 4 + 1);
      int settled = 0;
      for (int tick = 0; tick < 6000; tick++) {
        pool.advance(SECOND / 10, demand);
        rule.act(pool, tick * SECOND / 10);
        if (tick == 2000) {
          settled = rule.taken().size();
        }
      }
      List<Decision> late = rule.taken().subList(settled, rule.taken().size());
      assertEquals(List.of(), late, "seed " + seed + ", demand " + demand + ", " + limits);
      if (limits.policy() != ProcessPolicy.ONDEMAND || demand > 0) {
        assertTrue(
            pool.waiting() == 0 || pool.fleet().total() == limits.childLimit(), limits::toString);
      }
    }
  }

  @Test
  void neverRetiresBelowTheSpareMinimum() {
    Random random = new Random(5);
    int retirements = 0;
    for (int i = 0; i < 200_000; i++) {
      ScalingLimits limits = limits(random).withPinned(0);
      int perChild = limits.workersPerChild();
      List<ServingChild> serving =
          IntStream.range(0, random.nextInt(limits.childLimit() + 1))
              .mapToObj(slot -> new ServingChild(slot, 0, random.nextInt(perChild + 1), 0))
              .toList();
      int starting =
          random.nextInt(4) == 0 ? random.nextInt(limits.childLimit() - serving.size() + 1) : 0;
      Fleet fleet = new Fleet(starting, serving, List.of(), random.nextBoolean());
      History history = History.start(0).afterReload(0);
      Decision decision = Autoscaler.step(fleet, limits, history, 100 * SECOND).decision();
      if (decision instanceof Decision.Spawn spawn) {
        assertTrue(fleet.total() + spawn.children() <= limits.childLimit());
      }
      if (decision instanceof Decision.Retire && limits.policy() == ProcessPolicy.DYNAMIC) {
        retirements++;
        assertTrue(fleet.serving().size() > 1);
        assertTrue(fleet.idleWorkers(perChild) - perChild > limits.minSpare(), fleet::toString);
      }
    }
    assertTrue(retirements > 1000, "only " + retirements);
  }

  private static SimulatedPool pool(ScalingLimits limits, Random random) {
    long longestBoot = random.nextInt(5000) * MILLI;
    return new SimulatedPool(
        limits.workersPerChild(), () -> (long) (random.nextDouble() * longestBoot), random);
  }

  private static ScalingLimits limits(Random random) {
    int perChild = random.nextBoolean() ? 1 : 1 + random.nextInt(30);
    int childLimit = 1 + random.nextInt(40);
    int minSpare = 1 + random.nextInt(2 * perChild + 3);
    return new ScalingLimits(
        POLICIES.get(random.nextInt(POLICIES.size())),
        1 + random.nextInt(childLimit),
        childLimit,
        perChild,
        minSpare,
        minSpare + perChild + 1 + random.nextInt(3 * perChild),
        (1 + random.nextInt(20)) * SECOND,
        0);
  }

  private static void killAny(SimulatedPool pool, Random random) {
    List<ServingChild> serving = pool.fleet().serving();
    if (!serving.isEmpty()) {
      pool.kill(serving.get(random.nextInt(serving.size())).slot());
    }
  }
}
