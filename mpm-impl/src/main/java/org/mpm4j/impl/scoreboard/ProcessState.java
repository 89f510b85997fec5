package org.mpm4j.impl.scoreboard;

/// The life of the process in a slot, as the supervisor sees it.
///
/// `FREE` → `STARTING` (spawned) → `READY` (it reported that the application is open) →
/// `DRAINING` (it accepts no more) → `FREE` (reaped). From every state but `FREE` it may go
/// straight to `FREE`, when the process dies.
public enum ProcessState {
  /// No process.
  FREE,
  /// The JVM starts, or the application opens.
  STARTING,
  /// It serves.
  READY,
  /// It serves what it has and accepts nothing.
  DRAINING;

  private static final ProcessState[] VALUES = values();

  static ProcessState of(int ordinal) {
    return VALUES[ordinal];
  }
}
