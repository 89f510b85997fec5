package org.mpm4j.impl.supervisor;

import java.util.function.LongSupplier;

/// The supervisor's time: that of the machine, without the time in which the supervisor itself was
/// stopped (SIGSTOP, a debugger, a frozen container). So no deadline of a child passes while nobody
/// could have seen that it was kept. It stands still between two looks. One thread.
final class SupervisorClock {
  // a wait may end late on a busy machine; later than this is a stop
  private static final long LATE = 2_000_000_000;

  private final LongSupplier nanoTime;
  private long last;
  private long stopped;

  SupervisorClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = nanoTime.getAsLong();
  }

  /// Looks at the time.
  ///
  /// @param waited how long the supervisor meant to do nothing since it last looked
  void look(long waited) {
    long real = nanoTime.getAsLong();
    long passed = real - last;
    last = real;
    if (passed > waited + LATE) {
      stopped += passed - waited;
    }
  }

  /// The time of the last look, in nanoseconds.
  long now() {
    return last - stopped;
  }
}
