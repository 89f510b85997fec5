package org.mpm4j.impl.supervisor;

/// How long to wait before the next child is started: not at all, unless children die before they
/// are ready.
///
/// @param failures children in a row that died before they were ready
record RespawnDelay(int failures) {
  private static final long FIRST_NANOS = 1_000_000_000;
  private static final long MOST_NANOS = 30 * FIRST_NANOS;

  static final RespawnDelay NONE = new RespawnDelay(0);

  RespawnDelay afterFailure() {
    return new RespawnDelay(failures + 1);
  }

  /// 0, 1, 2, 4, 8, 16, 30, 30 … seconds.
  long nanos() {
    return failures == 0 ? 0 : Math.min(MOST_NANOS, FIRST_NANOS << Math.min(failures - 1, 5));
  }
}
