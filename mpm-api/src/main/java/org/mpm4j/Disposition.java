package org.mpm4j;

/// What becomes of a connection when a [ConnectionHandler] returns.
///
/// Whatever the handler has written and not yet flushed is sent first, whichever constant it
/// returns: under the event model by the listener, without holding a thread (httpd's
/// `CONN_STATE_WRITE_COMPLETION`); under prefork and worker by the connection's own thread.
public enum Disposition {
  /// The exchange is complete and the client may send another one.
  ///
  /// Bytes left in [Connection#input()] are the beginning of the next exchange (pipelining) and are
  /// served at once. If there are none, the connection is idle for at most `KeepAliveTimeout`. If
  /// [Connection#mayKeepAlive()] is false, the connection is closed as with [#CLOSE].
  KEEP_ALIVE,

  /// The exchange is not complete: call again when the client has sent more, or has ended its
  /// stream. What is left in [Connection#input()] is kept. `RequestReadTimeout` bounds the wait.
  AWAIT_READABLE,

  /// Call again, with no new input needed, once everything written so far has been taken by the
  /// client's kernel. This is how a long response is produced piece by piece without a thread
  /// waiting for a slow reader. `Timeout` bounds the wait between two pieces.
  AWAIT_WRITABLE,

  /// The application keeps the connection and gives it back with [Connection#resume()] from any
  /// thread; the handler is then called again. No timeout applies meanwhile.
  ///
  /// Under prefork and worker the connection's thread waits for that call.
  SUSPEND,

  /// The exchange is complete and the connection ends: what was written is sent, then the sending
  /// direction is shut down and what the client still sends is read and dropped for a while, so
  /// that a reset cannot destroy the response on its way (httpd's lingering close).
  CLOSE,

  /// The connection ends at once; unsent output is dropped and the client sees a reset.
  ABORT
}
