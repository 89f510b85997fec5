package org.mpm4j.impl.child;

import java.util.concurrent.atomic.AtomicInteger;
import org.mpm4j.impl.scoreboard.Parked;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// How busy a child is: counts its connections, tells the scoreboard, and asks it about the
/// siblings. Any thread.
final class ChildLoad {
  private final ProcessScore score;
  private final AcceptGate gate;
  private final boolean gated;
  private final int maxConnections;
  private final Runnable limitReached;
  private final AtomicInteger accepted = new AtomicInteger();

  /// @param gated whether the child leaves connections to its siblings when it has many more
  /// @param maxConnections after how many connections the child should be replaced, 0 for never
  /// @param limitReached run once, when the last of them was accepted; the child goes on
  ChildLoad(
      Scoreboard scoreboard, int slot, boolean gated, int maxConnections, Runnable limitReached) {
    this.score = scoreboard.process(slot);
    this.gate = new AcceptGate(scoreboard, slot);
    this.gated = gated;
    this.maxConnections = maxConnections;
    this.limitReached = limitReached;
  }

  int connections() {
    return score.connections();
  }

  /// Whether the siblings have about as many connections. Whoever listens.
  boolean gateOpen(long now) {
    return !gated || gate.open(score.connections(), now);
  }

  /// How long a child that does not listen may wait before it looks again. Whoever listens.
  long recheckNanos(long now) {
    return gate.recheckNanos(now);
  }

  boolean siblingAccepts() {
    return gate.siblingAccepts();
  }

  /// Says to the siblings whether the child would take a connection but for its gate.
  void accepting(boolean accepting) {
    if (score.accepting() != accepting) {
      score.accepting(accepting);
    }
  }

  /// A connection was accepted.
  void accepted() {
    score.addConnections(1);
    if (maxConnections > 0 && accepted.incrementAndGet() == maxConnections) {
      limitReached.run();
    }
  }

  /// So many connections more are parked so.
  void park(Parked how, int change) {
    score.addParked(how, change);
  }

  /// How many connections are parked so.
  int parked(Parked how) {
    return score.parked(how);
  }

  /// A connection was closed.
  void closed() {
    score.addConnections(-1);
  }
}
