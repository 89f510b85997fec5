package org.mpm4j.impl.scoreboard;

/// The life of the process in a slot, as the supervisor sees it.
///
/// `FREE` → `STARTING` (spawned) → `READY` (it reported that the application is open) ⇄ `RETIRING`
/// (it accepts no more for now) → `DRAINING` (it accepts no more) → `FREE` (reaped). From every
/// state but `FREE` it may go straight to `FREE`, when the process dies.
public enum ProcessState {
  /// No process.
  FREE(0),
  /// The JVM starts, or the application opens.
  STARTING(1),
  /// It serves.
  READY(2),
  /// It serves what it has and accepts nothing.
  DRAINING(3),
  /// It serves what it has, and leaves new connections to others until it is told otherwise.
  RETIRING(4);

  /// What the scoreboard says for it.
  final int code;

  ProcessState(int code) {
    this.code = code;
  }

  static ProcessState of(int code) {
    return switch (code) {
      case 0 -> FREE;
      case 1 -> STARTING;
      case 2 -> READY;
      case 3 -> DRAINING;
      case 4 -> RETIRING;
      default -> throw new IllegalArgumentException("no process state: " + code);
    };
  }
}
