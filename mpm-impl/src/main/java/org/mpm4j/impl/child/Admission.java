package org.mpm4j.impl.child;

/// Whether a child of the event model takes another connection.
///
/// @param threadsPerChild `ThreadsPerChild`
/// @param factor `AsyncRequestWorkerFactor`, fractions included
record Admission(int threadsPerChild, double factor) {
  /// httpd's rule (`connections_above_limit`, server/mpm/event/event.c), with two differences: the
  /// factor is not truncated, and parked keep-alive connections are not counted.
  ///
  /// @param idleWorkers workers with nothing to do
  /// @param active connections but those that linger or wait for their next exchange
  boolean admits(int idleWorkers, int active) {
    return idleWorkers > 0 && active < threadsPerChild + idleWorkers * factor;
  }
}
