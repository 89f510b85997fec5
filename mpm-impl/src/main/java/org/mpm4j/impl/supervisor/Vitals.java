package org.mpm4j.impl.supervisor;

import java.util.Optional;
import org.mpm4j.MpmConfig;

/// What has been observed of a child, once a second: whether its heart beats and how large it is. A
/// pure function of what is seen; it counts observations and not time, so that a supervisor that
/// was stopped itself blames nobody for what it has not seen.
///
/// A heart that stands still while the process uses its processors is a long collection of garbage,
/// not a hang.
///
/// @param heartbeat the last one seen
/// @param cpuNanos used when it was last seen
/// @param silent observations in a row without a beat and without work
/// @param large observations in a row of a resident size above `MaxChildMemory`
record Vitals(long heartbeat, long cpuNanos, int silent, int large) {
  static final Vitals NONE = new Vitals(0, 0, 0, 0);

  /// Observations before a child is called too large: a peak is no leak.
  static final int LARGE_SAMPLES = 3;

  // of a processor, between two observations
  private static final long WORKS_NANOS = 100_000_000;

  /// What is known after another observation.
  ///
  /// @param beat the heartbeat in the scoreboard
  /// @param cpu what the process has used, in nanoseconds
  /// @param resident bytes
  /// @param mostResident `MaxChildMemory`, 0 for no limit
  Vitals observe(long beat, long cpu, long resident, long mostResident) {
    boolean alive = beat != heartbeat || cpu - cpuNanos > WORKS_NANOS;
    boolean tooLarge = mostResident > 0 && resident > mostResident;
    return new Vitals(beat, cpu, alive ? 0 : silent + 1, tooLarge ? large + 1 : 0);
  }

  /// Whether it hangs: silent for `HeartbeatTimeout`.
  boolean hangs(MpmConfig config) {
    long seconds = config.heartbeatTimeout().toSeconds();
    return seconds > 0 && silent > seconds;
  }

  /// Why it is to be replaced, if its size is the reason.
  Optional<String> tooLarge(MpmConfig config) {
    return large >= LARGE_SAMPLES
        ? Optional.of("resident size above MaxChildMemory " + config.maxChildMemory() + " bytes")
        : Optional.empty();
  }
}
