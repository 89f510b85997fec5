package org.mpm4j.impl.child;

/// Nanoseconds as the whole milliseconds that system calls take.
final class Millis {
  private static final long NANOS = 1_000_000;

  private Millis() {}

  /// Rounds up, so that a wait never ends before its time and spins.
  static int ceiling(long nanos) {
    return (int) Math.min(Integer.MAX_VALUE, (nanos + NANOS - 1) / NANOS);
  }
}
