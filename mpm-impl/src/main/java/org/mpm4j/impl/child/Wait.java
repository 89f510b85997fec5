package org.mpm4j.impl.child;

import org.mpm4j.impl.os.Poller;

/// What a connection waits for while nobody serves it.
enum Wait {
  /// The next exchange, for `KeepAliveTimeout`.
  KEEP_ALIVE(Poller.EPOLLIN),
  /// The rest of an exchange, for `RequestReadTimeout`.
  REQUEST(Poller.EPOLLIN),
  /// Room in the socket's send buffer, for `Timeout`.
  WRITE_COMPLETION(Poller.EPOLLOUT),
  /// The client's end of the stream after ours, for a while.
  LINGER(Poller.EPOLLIN),
  /// [org.mpm4j.Connection#resume()], for ever.
  RESUME(0),
  /// Nothing: the connection has ended.
  CLOSED(0);

  /// The `EPOLL*` bits to wait for, which are the `POLL*` bits as well.
  final int events;

  Wait(int events) {
    this.events = events;
  }
}
