package org.mpm4j.impl.child;

import java.time.Duration;
import org.mpm4j.MpmConfig;

/// When a child should be replaced. Both limits are soft: the child says that it is time, and
/// serves until the supervisor has a replacement.
///
/// @param connections after so many connections; 0 for never
/// @param ageNanos at this age; 0 for never
record Recycling(int connections, long ageNanos) {
  /// What applies where no process can be replaced.
  static final Recycling NEVER = new Recycling(0, 0);

  /// Draws the limits of one child.
  ///
  /// @param random 0 to 1
  static Recycling of(MpmConfig config, double random) {
    Duration age = config.maxChildAge();
    double jitter = config.recycleJitter();
    return new Recycling(
        (int) draw(config.maxConnectionsPerChild(), jitter, random),
        draw(age.toNanos(), jitter, random));
  }

  /// A limit that comes earlier by a random part, never later: it is what somebody could bear at
  /// most. Children of one age so do not reach it together.
  ///
  /// @param limit 0 for none
  /// @param jitter the largest part of it that is taken off
  static long draw(long limit, double jitter, double random) {
    return limit == 0 ? 0 : Math.max(1, limit - (long) (limit * jitter * random));
  }
}
