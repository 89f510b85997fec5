package org.mpm4j.impl.child;

/// How many threads are more than needed: those that were idle all the time for a while. One thread
/// at a time.
final class Surplus {
  /// How long a thread is kept that has nothing to do.
  static final long IDLE_NANOS = 60_000_000_000L;

  private final long idleNanos;
  private long since;
  private int fewest;
  private boolean begun;

  /// @param idleNanos how long threads are watched before some are ended
  Surplus(long idleNanos) {
    this.idleNanos = idleNanos;
  }

  /// Looks at the threads.
  ///
  /// @param idle how many are idle now
  /// @return how many to end
  int look(int idle, long now) {
    if (!begun) {
      begun = true;
      since = now;
      fewest = idle;
    }
    fewest = Math.min(fewest, idle);
    if (now - since < idleNanos) {
      return 0;
    }
    int surplus = fewest;
    since = now;
    fewest = idle - surplus;
    return surplus;
  }
}
