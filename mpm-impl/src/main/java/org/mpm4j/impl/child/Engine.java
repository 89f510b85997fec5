package org.mpm4j.impl.child;

/// Moves the connections of one child. `NEW` → [#start()] → [#drain()] → terminated.
interface Engine {
  /// Starts the threads; connections are accepted from now on. Once.
  void start();

  /// [Service#accepting()] says something else than before. Any thread; at once.
  void acceptingChanged();

  /// Accepts no more and ends when the last connection has. Any thread; idempotent; at once.
  void drain();

  /// Cuts off everything in progress. Any thread; idempotent; at once.
  void terminate();

  /// The threads that do it.
  WorkerThreads threads();

  /// Roughly how many threads have nothing to do, but for the one that waits for connections. Any
  /// thread.
  int spare();

  /// Ends so many of the threads that have nothing to do; fewer if they find something, or if too
  /// few would be left. One caller at a time; at once.
  void retire(int count);

  /// A connection that was suspended may go on. Any thread.
  void resumed(SocketConnection connection);

  /// Whether somebody waits to be served and cannot be while a connection is kept that has a worker
  /// of its own.
  ///
  /// @param lent of the worker that asks
  boolean crowded(WorkerBuffers lent);
}
