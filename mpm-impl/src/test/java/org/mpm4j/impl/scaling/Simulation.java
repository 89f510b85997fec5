package org.mpm4j.impl.scaling;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What became of one rule under one load.
///
/// @param longestWait seconds of the longest time during which some request waited for a worker
/// @param unmet what waited, in request-seconds
/// @param overshoot children at the peak beyond those that the peak of the load takes, with the
///   minimum of spare workers beside
/// @param reversals how often a child was started less than 10 s after one was stopped, or the
///   other way round
/// @param starts children started
/// @param meanChildren children on average, those that start and end included
/// @param demand requests at each second
/// @param workers workers of the children that accept, at each second
record Simulation(
    double longestWait,
    double unmet,
    int overshoot,
    int reversals,
    int starts,
    double meanChildren,
    List<Integer> demand,
    List<Integer> workers) {
  static final int TICKS_PER_SECOND = 10;
  static final long TICK_NANOS = 1_000_000_000 / TICKS_PER_SECOND;

  private static final int REVERSAL_TICKS = 10 * TICKS_PER_SECOND;

  /// The rule that decides about a new pool.
  interface Rule {
    ScalingRule of(ScalingLimits limits, Random random);
  }

  static Simulation run(LoadTrace load, ScalingLimits limits, long bootNanos, Rule rule) {
    Random random = new Random(11);
    SimulatedPool pool = new SimulatedPool(limits.workersPerChild(), () -> bootNanos, random);
    ScalingRule decides = rule.of(limits, random);
    int all = limits.childLimit() * limits.workersPerChild();
    Counts counts = new Counts();
    for (int tick = 0; tick <= LoadTrace.SECONDS * TICKS_PER_SECOND; tick++) {
      // the load comes when the first children are ready
      boolean open = (tick - 1) * TICK_NANOS >= bootNanos;
      int requests =
          open ? (int) Math.round(all * load.share((double) tick / TICKS_PER_SECOND)) : 0;
      pool.advance(tick == 0 ? 0 : TICK_NANOS, requests);
      decides.act(pool, tick * TICK_NANOS);
      counts.look(tick, requests, pool, limits);
    }
    return counts.result(limits);
  }

  private static final class Counts {
    private final List<Integer> demand = new ArrayList<>();
    private final List<Integer> workers = new ArrayList<>();
    private int mostDemand;
    private int mostChildren;
    private int waitingTicks;
    private int mostWaitingTicks;
    private long unmet;
    private long children;
    private int started;
    private int stopped;
    private int lastStart = -REVERSAL_TICKS;
    private int lastStop = -REVERSAL_TICKS;
    private int reversals;

    void look(int tick, int requests, SimulatedPool pool, ScalingLimits limits) {
      if (tick % TICKS_PER_SECOND == 0) {
        demand.add(requests);
        workers.add(pool.count(SimulatedPool.State.SERVING) * limits.workersPerChild());
      }
      mostDemand = Math.max(mostDemand, requests);
      mostChildren = Math.max(mostChildren, pool.fleet().total());
      waitingTicks = pool.waiting() > 0 ? waitingTicks + 1 : 0;
      mostWaitingTicks = Math.max(mostWaitingTicks, waitingTicks);
      unmet += pool.waiting();
      children += pool.children();
      turns(tick, pool);
    }

    private void turns(int tick, SimulatedPool pool) {
      if (pool.started() > started) {
        if (lastStop > lastStart && tick - lastStop < REVERSAL_TICKS) {
          reversals++;
        }
        lastStart = tick;
        started = pool.started();
      }
      if (pool.stopped() > stopped) {
        if (lastStart > lastStop && tick - lastStart < REVERSAL_TICKS) {
          reversals++;
        }
        lastStop = tick;
        stopped = pool.stopped();
      }
    }

    Simulation result(ScalingLimits limits) {
      int enough =
          Math.min(
              limits.childLimit(),
              Math.ceilDiv(mostDemand + limits.minSpare(), limits.workersPerChild()));
      return new Simulation(
          (double) mostWaitingTicks / TICKS_PER_SECOND,
          (double) unmet / TICKS_PER_SECOND,
          Math.max(0, mostChildren - Math.max(enough, limits.startServers())),
          reversals,
          started,
          (double) children / (LoadTrace.SECONDS * TICKS_PER_SECOND + 1),
          demand,
          workers);
    }
  }
}
