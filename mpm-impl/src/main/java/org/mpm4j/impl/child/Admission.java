package org.mpm4j.impl.child;

/// Whether a child of the event model takes another connection.
///
/// @param threadsPerChild `ThreadsPerChild`
/// @param factor `AsyncRequestWorkerFactor`, fractions included
/// @param turn after how many exchanges a client in the backlog has its turn while no worker is
///   idle
record Admission(int threadsPerChild, double factor, int turn) {
  /// The turn of a child that has siblings. Kept connections that are never silent would leave no
  /// worker idle, and a client in the backlog would wait until one of them ends. What a child takes
  /// so adds an eighth of its work at most, so a sibling that is being started still finds clients.
  static final int SHARED_TURN = 8;

  /// The rule of a child.
  ///
  /// @param childLimit how many children there may be; nobody else comes for what one alone leaves
  static Admission of(int threadsPerChild, double factor, int childLimit) {
    return new Admission(threadsPerChild, factor, childLimit == 1 ? 0 : SHARED_TURN);
  }

  /// httpd's rule (`connections_above_limit`, server/mpm/event/event.c), with two differences: the
  /// factor is not truncated, and parked keep-alive connections are not counted.
  ///
  /// @param idleWorkers workers with nothing to do
  /// @param active connections but those that linger or wait for their next exchange
  boolean admits(int idleWorkers, int active) {
    return idleWorkers > 0 && active < threadsPerChild + idleWorkers * factor;
  }

  /// The rule where no worker of any child is idle: httpd has none, and lets the client wait.
  ///
  /// @param exchanges connections that became ready since the last one was accepted, while no
  ///   worker was idle
  /// @param active as above
  boolean admitsInTurn(int exchanges, int active) {
    return exchanges >= turn && active < threadsPerChild * (1 + factor);
  }
}
