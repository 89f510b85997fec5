package org.mpm4j.impl.child;

/// Whether a child of the event model takes another connection.
///
/// @param threadsPerChild `ThreadsPerChild`
/// @param factor `AsyncRequestWorkerFactor`, fractions included
record Admission(int threadsPerChild, double factor) {
  /// A client in the backlog has its turn after so many exchanges. Kept connections that are never
  /// silent would leave no worker idle, and it would wait until one of them ends. What a child
  /// takes so adds an eighth of its work at most, so it may still find siblings that are being
  /// started.
  static final int TURN = 8;

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
    return exchanges >= TURN && active < threadsPerChild * (1 + factor);
  }
}
