package org.mpm4j.impl.child;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/// The workers that have nothing to do, the one that became idle last on top: its caches are warm,
/// and the others may sleep on.
final class IdleWorkers {
  /*
   * Overview: a lock-free stack (Treiber, 1986) of worker numbers. `top` holds the number of the worker
   * on top, plus one, in its low half and a version in its high half. Every change raises the version,
   * so that a pop that was overtaken by a pop and a push of the same worker (ABA) fails.
   *
   * Ownership: a worker pushes only itself, only while it is not on the stack; whoever pops it owes it
   * an unpark.
   *
   * Memory ordering: all accesses are volatile. A worker pushes itself, then looks for work once more;
   * whoever has work publishes it, then pops. One of the two sees the other (Dekker).
   */

  private static final long INDEX = 0xffff_ffffL;
  private static final long VERSION_STEP = 1L << 32;

  private final AtomicLong top = new AtomicLong();
  private final AtomicIntegerArray below;
  private final AtomicInteger count = new AtomicInteger();

  IdleWorkers(int workers) {
    below = new AtomicIntegerArray(workers);
  }

  /// Roughly how many workers are idle; exact when nothing changes.
  int count() {
    return Math.max(0, count.get());
  }

  void push(int worker) {
    long seen;
    do {
      seen = top.get();
      below.set(worker, (int) (seen & INDEX));
    } while (!top.compareAndSet(seen, version(seen) | (worker + 1)));
    count.incrementAndGet();
  }

  /// Takes the worker that became idle last.
  ///
  /// @return its number, or -1 if none is idle
  int tryPop() {
    while (true) {
      long seen = top.get();
      int worker = (int) (seen & INDEX) - 1;
      if (worker < 0) {
        return -1;
      }
      if (top.compareAndSet(seen, version(seen) | below.get(worker))) {
        count.decrementAndGet();
        return worker;
      }
    }
  }

  private static long version(long seen) {
    return (seen & ~INDEX) + VERSION_STEP;
  }
}
