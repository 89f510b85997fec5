package org.mpm4j.impl.supervisor;

import java.time.Duration;

/// How a child is being ended: asked first, then made. Time passes only through [#at].
///
/// @param stage how far
/// @param limited whether the stage ends by itself
/// @param until when it does, in nanoseconds of the supervisor's clock
record Ending(Stage stage, boolean limited, long until) {
  /// In this order; a stage may be left out.
  enum Stage {
    /// It serves out what it has: → DUMPING after `GracefulShutdownTimeout`.
    DRAINING,
    /// It was asked what its threads are doing: → TERMINATING with its answer, or without.
    DUMPING,
    /// It was sent SIGTERM: → KILLING if it does not end.
    TERMINATING,
    /// It was sent SIGKILL: the kernel ends it.
    KILLING
  }

  // the first dump of a JVM loads its management: seconds, on a busy machine
  private static final Duration DUMP = Duration.ofSeconds(5);
  private static final Duration TERM_TO_KILL = Duration.ofSeconds(3);

  /// @param timeout zero for no limit
  static Ending drain(Duration timeout, long now) {
    return new Ending(Stage.DRAINING, !timeout.isZero(), now + timeout.toNanos());
  }

  static Ending terminate(long now) {
    return new Ending(Stage.TERMINATING, true, now + TERM_TO_KILL.toNanos());
  }

  /// The same, or the next stage if this one is over.
  Ending at(long now) {
    if (!limited || now - until < 0) {
      return this;
    }
    return switch (stage) {
      case DRAINING -> new Ending(Stage.DUMPING, true, now + DUMP.toNanos());
      case DUMPING -> terminate(now);
      case TERMINATING, KILLING -> new Ending(Stage.KILLING, false, 0);
    };
  }
}
