package org.mpm4j.impl.child;

import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// Shares connections fairly among children: a child that has many more than its siblings leaves
/// new ones to them. One thread at a time, but for [#siblingAccepts()].
///
/// With `EPOLLEXCLUSIVE` the child that began to wait last is woken first, so that one child would
/// get nearly all connections and, with keep-alive, hold them.
///
/// A sibling counts if it would accept but for its own gate. So the gate of the child with the
/// fewest connections is open, whatever the others decide at the same time.
final class AcceptGate {
  // While a burst comes the siblings catch up in no time; a skew of long-lived connections stays.
  private static final long FIRST_RECHECK_NANOS = 1_000_000;
  private static final long LAST_RECHECK_NANOS = 50_000_000;

  // an eighth above the mean, and never closed for a handful of connections
  private static final int SLACK_DIVISOR = 8;
  private static final int SLACK = 4;

  private final Scoreboard scoreboard;
  private final int slot;

  private boolean closed;
  private long closedAt;

  AcceptGate(Scoreboard scoreboard, int slot) {
    this.scoreboard = scoreboard;
    this.slot = slot;
  }

  /// Whether this child, with so many connections, should take another one.
  boolean open(int connections, long now) {
    boolean open = isFair(connections);
    if (!open && !closed) {
      closedAt = now;
    }
    closed = !open;
    return open;
  }

  /// How long a child that does not listen may wait before it asks again: the longer, the longer
  /// the gate has been closed.
  long recheckNanos(long now) {
    return closed
        ? Math.clamp(now - closedAt, FIRST_RECHECK_NANOS, LAST_RECHECK_NANOS)
        : LAST_RECHECK_NANOS;
  }

  private boolean isFair(int connections) {
    if (connections <= SLACK) {
      return true;
    }
    long sum = 0;
    int siblings = 0;
    for (int other = 0, end = scoreboard.slotsInUse(); other < end; other++) {
      if (accepts(other)) {
        sum += scoreboard.process(other).connections();
        siblings++;
      }
    }
    return siblings == 0 || fair(connections, sum, siblings);
  }

  /// Whether another child would take a connection now.
  boolean siblingAccepts() {
    for (int other = 0, end = scoreboard.slotsInUse(); other < end; other++) {
      if (accepts(other)) {
        return true;
      }
    }
    return false;
  }

  private boolean accepts(int other) {
    ProcessScore score = scoreboard.process(other);
    return other != slot && score.state() == ProcessState.READY && score.accepting();
  }

  /// Whether `connections` is not well above the mean of `siblings` that have `sum` together.
  static boolean fair(int connections, long sum, int siblings) {
    long mean = sum / siblings;
    return connections <= mean + mean / SLACK_DIVISOR + SLACK;
  }
}
