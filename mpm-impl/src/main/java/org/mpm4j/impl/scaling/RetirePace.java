package org.mpm4j.impl.scaling;

import java.time.Duration;

/// When the next child may be retired.
///
/// @param surplusSinceNanos since when there have been too many idle workers at every step
/// @param patienceNanos how long that must last before a child is retired
/// @param nextNanos when the next retirement may begin
/// @param beganNanos when the last one began
/// @param endedNanos when the last one became final
record RetirePace(
    long surplusSinceNanos, long patienceNanos, long nextNanos, long beganNanos, long endedNanos) {
  /// How long a retiring child that has connections can be called back.
  static final long SETTLING_NANOS = Duration.ofMillis(2500).toNanos();

  static final long LEAST_PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();
  static final long MOST_PATIENCE_NANOS = Duration.ofSeconds(160).toNanos();

  /// A child that is missed so soon should not have been retired.
  static final long REGRET_NANOS = Duration.ofSeconds(60).toNanos();

  static final long FORGIVEN_NANOS = 5 * REGRET_NANOS;

  /// A surplus up to this is reduced by a child a second, a larger one by this share a second.
  private static final int GRADUAL = 32;

  private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LEAST_INTERVAL_NANOS = INTERVAL_NANOS / SpawnRate.MOST;

  static RetirePace start(long now) {
    return new RetirePace(now, LEAST_PATIENCE_NANOS, now, now, now - FORGIVEN_NANOS);
  }

  RetirePace noSurplus(long now) {
    return new RetirePace(now, patienceNanos, nextNanos, beganNanos, endedNanos);
  }

  boolean patienceIsOver(long now) {
    return now - surplusSinceNanos >= patienceNanos;
  }

  boolean due(long now) {
    return now - nextNanos >= 0;
  }

  boolean settled(long now) {
    return now - beganNanos >= SETTLING_NANOS;
  }

  /// A retirement begins. What the pace allows for a second may be taken at once.
  RetirePace began(int surplusChildren, long now) {
    long interval =
        surplusChildren <= GRADUAL
            ? INTERVAL_NANOS
            : Math.max(LEAST_INTERVAL_NANOS, INTERVAL_NANOS * GRADUAL / surplusChildren);
    long earliest = now - (INTERVAL_NANOS - interval);
    long from = nextNanos - earliest > 0 ? nextNanos : earliest;
    return new RetirePace(surplusSinceNanos, patienceNanos, from + interval, now, endedNanos);
  }

  RetirePace ended(long now) {
    return new RetirePace(surplusSinceNanos, patienceNanos, nextNanos, beganNanos, now);
  }

  /// A child has to be added: if it is the first one since another was retired, a short while ago,
  /// then that was too early, and patience doubles. A long time without forgives.
  ///
  /// @param lastSpawnNanos when children were last added before this
  RetirePace missed(long lastSpawnNanos, long now) {
    long patience = patienceNanos;
    if (now - endedNanos >= FORGIVEN_NANOS) {
      patience = LEAST_PATIENCE_NANOS;
    } else if (now - endedNanos < REGRET_NANOS && endedNanos - lastSpawnNanos > 0) {
      patience = Math.min(MOST_PATIENCE_NANOS, 2 * patienceNanos);
    }
    return new RetirePace(surplusSinceNanos, patience, nextNanos, beganNanos, endedNanos);
  }
}
