package org.mpm4j.impl.scaling;

import java.time.Duration;

/// What [Autoscaler] remembers between two steps.
///
/// @param seeded whether the first children were started
/// @param rate how fast children are added
/// @param pace how fast children are retired
/// @param limitedAtNanos when the limit last stood in the way
public record History(boolean seeded, SpawnRate rate, RetirePace pace, long limitedAtNanos) {
  /// How long there must be no shortage at the limit before the next one is worth a word.
  static final long EPISODE_NANOS = Duration.ofSeconds(10).toNanos();

  /// The history of a server that is about to start its first children.
  public static History start(long nowNanos) {
    return new History(
        false, SpawnRate.start(nowNanos), RetirePace.start(nowNanos), nowNanos - EPISODE_NANOS);
  }

  /// The history of the generation that takes over from this one. Its first children have been
  /// started by the reload. For a while its spawn rate does not grow, since all clients of the old
  /// generation come at once.
  public History afterReload(long nowNanos) {
    return new History(
        true, SpawnRate.start(nowNanos).heldOff(), RetirePace.start(nowNanos), limitedAtNanos);
  }

  History withRate(SpawnRate changed) {
    return new History(seeded, changed, pace, limitedAtNanos);
  }

  History withPace(RetirePace changed) {
    return new History(seeded, rate, changed, limitedAtNanos);
  }

  History limited(long nowNanos) {
    return new History(seeded, rate, pace, nowNanos);
  }

  /// After a step that leaves `total` children.
  History with(int total) {
    return new History(true, rate.knowing(total), pace, limitedAtNanos);
  }
}
