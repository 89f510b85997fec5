package org.mpm4j.impl.scaling;

import java.time.Duration;

/// How many children may be added now: httpd's 1, 2, 4 … 32 a second, made fit for children that
/// take a while to start.
///
/// @param children what doubling has led to
/// @param holdOff how many times more it will not double
/// @param roundEnd how many children have to serve before a round is over, see [#turn]
/// @param known the children that there were after the last step
/// @param lastNanos when children were last added in a turn
record SpawnRate(int children, int holdOff, int roundEnd, int known, long lastNanos) {
  /// `MAX_SPAWN_RATE` (server/mpm/event/event.c).
  static final int MOST = 32;

  /// `hold_off_on_exponential_spawning` after a graceful restart (server/mpm/event/event.c).
  private static final int HOLD_OFF = 10;

  /// httpd looks at the number of children once a second (server/mpm_common.c).
  static final long TURN_NANOS = Duration.ofSeconds(1).toNanos();

  static SpawnRate start(long now) {
    return new SpawnRate(1, 0, 0, 0, now - TURN_NANOS);
  }

  SpawnRate heldOff() {
    return new SpawnRate(children, HOLD_OFF, roundEnd, known, lastNanos);
  }

  /// There is no need: the next need begins with one child.
  SpawnRate reset() {
    return new SpawnRate(1, holdOff, roundEnd, known, lastNanos);
  }

  /// The turn of this second is over.
  SpawnRate spent(long now) {
    return new SpawnRate(children, holdOff, roundEnd, known, now);
  }

  SpawnRate knowing(int total) {
    return new SpawnRate(children, holdOff, roundEnd, total, lastNanos);
  }

  /// The children that have died, or were ended by somebody else, since the last step.
  int lost(Fleet fleet) {
    return Math.max(0, known - fleet.total());
  }

  boolean due(long now) {
    return now - lastNanos >= TURN_NANOS;
  }

  /// Whether the rate itself may be spent, rather than what is known to be missing: it is a guess,
  /// for when all workers are busy and nobody knows how many more would be.
  ///
  /// Children that start are an answer that is still on its way. A further guess waits for it: for
  /// all of them, or, where clients wait, for those that the last guess has started (a round). That
  /// is how TCP opens its window (slow start, RFC 5681): it doubles once in a round trip.
  boolean mayGuess(Fleet fleet, boolean allBusy) {
    return allBusy
        && (fleet.starting() == 0
            || (fleet.waitingClients() && fleet.serving().size() >= roundEnd));
  }

  /// How many children this turn adds.
  ///
  /// @param missing the children that would make up for the missing spare workers
  int turn(int missing, boolean guess) {
    return guess ? children : Math.min(children, missing);
  }

  /// This turn has added `added` children, as many as the rate allowed or fewer.
  SpawnRate afterTurn(Fleet fleet, int added, boolean guess, long now) {
    if (!guess && fleet.starting() > 0) {
      return spent(now);
    }
    return new SpawnRate(
        holdOff > 0 ? children : Math.min(MOST, 2 * children),
        Math.max(0, holdOff - 1),
        fleet.staying() + added,
        known,
        now);
  }
}
