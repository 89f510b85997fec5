package org.mpm4j.impl.child;

import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.os.Poller;

/// What a connection waits for while nobody serves it.
enum Wait {
  /// The next exchange, for `KeepAliveTimeout`.
  KEEP_ALIVE(Poller.EPOLLIN, WorkerStatus.BUSY_KEEPALIVE),
  /// The rest of an exchange, for `RequestReadTimeout`.
  REQUEST(Poller.EPOLLIN, WorkerStatus.BUSY_READ),
  /// Room in the socket's send buffer, for `Timeout`.
  WRITE_COMPLETION(Poller.EPOLLOUT, WorkerStatus.BUSY_WRITE),
  /// The client's end of the stream after ours, for a while.
  LINGER(Poller.EPOLLIN, WorkerStatus.CLOSING),
  /// [org.mpm4j.Connection#resume()], for ever.
  RESUME(0, WorkerStatus.BUSY_WRITE),
  /// Nothing: the connection has ended.
  CLOSED(0, WorkerStatus.CLOSING);

  /// The `EPOLL*` bits to wait for, which are the `POLL*` bits as well.
  final int events;

  /// What a worker does that waits for it.
  final WorkerStatus status;

  Wait(int events, WorkerStatus status) {
    this.events = events;
    this.status = status;
  }
}
