package org.mpm4j.impl.child;

import org.mpm4j.MpmConfig;

/// When a request that runs is too slow, in nanoseconds; 0 for never.
///
/// @param slowLog `RequestSlowLogTimeout`
/// @param terminate `RequestTerminateTimeout`
record RequestTimeouts(long slowLog, long terminate) {
  /// How long a handler may take to heed its interrupt.
  static final long HEED_NANOS = 5_000_000_000L;

  static RequestTimeouts of(MpmConfig config) {
    return new RequestTimeouts(
        config.requestSlowLogTimeout().toNanos(), config.requestTerminateTimeout().toNanos());
  }

  boolean terminates() {
    return terminate > 0;
  }

  /// Whether there is anything to watch for.
  boolean any() {
    return slowLog > 0 || terminate > 0;
  }

  /// Whether the stack of a request that began at `start` is to be logged.
  ///
  /// @param notBefore until when its handler has asked for patience
  boolean logs(long start, long notBefore, long now) {
    return over(slowLog, start, notBefore, now);
  }

  /// Whether its thread is to be interrupted.
  boolean interrupts(long start, long notBefore, long now) {
    return over(terminate, start, notBefore, now);
  }

  private static boolean over(long timeout, long start, long notBefore, long now) {
    return timeout > 0 && now - start >= timeout && now - notBefore >= 0;
  }

  /// Whether a request whose thread was interrupted is stuck.
  static boolean isStuck(long interruptedAt, long notBefore, long now) {
    return now - interruptedAt >= HEED_NANOS && now - notBefore >= 0;
  }
}
