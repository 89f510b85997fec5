package org.mpm4j.impl.child;

import org.jspecify.annotations.Nullable;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.scoreboard.Parked;

/// What a connection waits for while nobody serves it.
enum Wait {
  /// The next exchange, for `KeepAliveTimeout`.
  KEEP_ALIVE(Poller.EPOLLIN, WorkerStatus.BUSY_KEEPALIVE, Parked.KEEP_ALIVE),
  /// The rest of an exchange, for `RequestReadTimeout`.
  REQUEST(Poller.EPOLLIN, WorkerStatus.BUSY_READ, Parked.READING),
  /// Room in the socket's send buffer, for `Timeout`.
  WRITE_COMPLETION(Poller.EPOLLOUT, WorkerStatus.BUSY_WRITE, Parked.WRITING),
  /// The client's end of the stream after ours, for a while.
  LINGER(Poller.EPOLLIN, WorkerStatus.CLOSING, Parked.CLOSING),
  /// [org.mpm4j.Connection#resume()], for ever.
  RESUME(0, WorkerStatus.BUSY_WRITE, Parked.SUSPENDED),
  /// Nothing: the connection has ended.
  CLOSED(0, WorkerStatus.CLOSING, null);

  /// The `EPOLL*` bits to wait for, which are the `POLL*` bits as well.
  final int events;

  /// What a worker does that waits for it.
  final WorkerStatus status;

  /// What the scoreboard counts the connection among meanwhile; null for none.
  final @Nullable Parked parked;

  Wait(int events, WorkerStatus status, @Nullable Parked parked) {
    this.events = events;
    this.status = status;
    this.parked = parked;
  }
}
