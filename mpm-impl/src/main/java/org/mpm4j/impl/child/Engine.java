package org.mpm4j.impl.child;

/// Moves the connections of one child. `NEW` → [#start()] → [#drain()] → terminated.
sealed interface Engine permits BlockingEngine, EventEngine {
  /// Starts the threads; connections are accepted from now on. Once.
  void start();

  /// Accepts no more and ends when the last connection has. Any thread; idempotent; at once.
  void drain();

  /// Cuts off everything in progress. Any thread; idempotent; at once.
  void terminate();

  /// Waits until the last thread has ended.
  ///
  /// @param nanos how long at most
  /// @return whether it has
  boolean awaitTermination(long nanos) throws InterruptedException;

  /// A connection that was suspended may go on. Any thread.
  void resumed(SocketConnection connection);

  /// Whether somebody waits to be served and cannot be while a connection is kept that has a worker
  /// of its own.
  ///
  /// @param lent of the worker that asks
  boolean crowded(WorkerBuffers lent);
}
