package org.mpm4j.impl.child;

/// When a thread of a pool is too many. Called once in a while, one thread at a time.
final class PoolShrink {
  /// How many looks there are in the idle time; each ends one thread at most.
  static final int LOOKS = 60;

  private final int minSpare;
  private final int maxSpare;
  private final Surplus surplus;
  private int pending;

  /// @param minSpare how many idle threads are left
  /// @param maxSpare beyond how many idle threads are not watched for long
  /// @param idleNanos how long they are watched otherwise
  PoolShrink(int minSpare, int maxSpare, long idleNanos) {
    this.minSpare = minSpare;
    this.maxSpare = maxSpare;
    this.surplus = new Surplus(idleNanos);
  }

  /// Looks at the pool.
  ///
  /// @param fewest how few threads were idle since the last look
  /// @return whether one should end
  boolean look(int fewest, long now) {
    int spare = Math.max(0, fewest - minSpare);
    pending = Math.min(spare, Math.max(pending, surplus.look(spare, now)));
    if (pending > 0 || fewest > maxSpare) {
      pending = Math.max(0, pending - 1);
      return true;
    }
    return false;
  }
}
