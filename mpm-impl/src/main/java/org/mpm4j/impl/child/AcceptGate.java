package org.mpm4j.impl.child;

import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// Shares connections fairly among children: a child that has many more than its siblings leaves
/// new ones to them.
///
/// With `EPOLLEXCLUSIVE` the child that began to wait last is woken first, so that one child would
/// get nearly all connections and, with keep-alive, hold them.
final class AcceptGate {
  /// How long a closed gate may stay closed before it is asked again.
  static final long RECHECK_NANOS = 50_000_000;

  // a quarter above the mean, and never closed for a handful of connections
  private static final int SLACK_DIVISOR = 4;
  private static final int SLACK = 4;

  private final Scoreboard scoreboard;
  private final int slot;

  AcceptGate(Scoreboard scoreboard, int slot) {
    this.scoreboard = scoreboard;
    this.slot = slot;
  }

  /// Whether this child, with so many connections, should take another one.
  boolean open(int connections) {
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
