package org.mpm4j.impl.child;

import java.util.concurrent.atomic.AtomicInteger;

/// How many threads there are, but for those that were dismissed. Any thread.
final class ThreadCount {
  private final int least;
  private final AtomicInteger count = new AtomicInteger();

  /// @param least how many are never dismissed
  ThreadCount(int least) {
    this.least = least;
  }

  int get() {
    return count.get();
  }

  /// Counts one more.
  void add() {
    count.incrementAndGet();
  }

  /// Counts one less, which was not dismissed.
  ///
  /// @return whether it was the last one
  boolean remove() {
    return count.decrementAndGet() == 0;
  }

  /// Counts one less, unless too few would be left.
  boolean tryDismiss() {
    int seen;
    do {
      seen = count.get();
      if (seen <= least) {
        return false;
      }
    } while (!count.compareAndSet(seen, seen - 1));
    return true;
  }
}
