package org.mpm4j;

/// Serves connections: the one function that an application must write.
///
/// One handler serves all connections of a child. Under worker and event it is called by many
/// threads at once, never by two for the same connection; under prefork by one thread. The same
/// thread need not serve a connection twice, but what one call did happens-before the next one.
/// Every method may block for as long as the application's own limits allow: a blocked call holds
/// one of `ThreadsPerChild` workers and nothing else.
///
/// An [Exception] from any method is logged and aborts the connection; the child lives on. So does
/// an [Error], except [OutOfMemoryError], after which a forked child ends and is replaced.
@FunctionalInterface
public interface ConnectionHandler {
  /// Serves one exchange, or one more part of it, of `connection`.
  ///
  /// Called when the client has sent something: [Connection#input()] holds at least one byte,
  /// except after [Disposition#AWAIT_READABLE] when the client ended its stream (then
  /// [Connection#tryFill()] says `-1`), and after [Disposition#AWAIT_WRITABLE] or
  /// [Connection#resume()]. The connection is the caller's only until the method returns, unless it
  /// returns [Disposition#SUSPEND].
  ///
  /// @param connection the connection, owned by the handler until it returns
  /// @return what becomes of the connection
  /// @throws Exception to abort the connection; an [java.io.IOException] that comes from the
  ///   connection itself (the client went away) is logged at debug level only
  Disposition handle(Connection connection) throws Exception;

  /// Called once for each connection, right after it was accepted and before anything is read.
  ///
  /// The default waits for the client to speak first. A protocol whose server speaks first writes
  /// its greeting here and returns [Disposition#AWAIT_READABLE].
  ///
  /// @param connection the new connection, owned by the handler until it returns
  /// @return what becomes of the connection
  /// @throws Exception to abort the connection
  default Disposition accepted(Connection connection) throws Exception {
    return Disposition.AWAIT_READABLE;
  }

  /// Called when `RequestReadTimeout` ended while the handler awaited the rest of an exchange; the
  /// place for an answer such as HTTP's 408. Not called for a connection that never sent a byte.
  ///
  /// @param connection the connection, owned by the handler until it returns
  /// @return [Disposition#CLOSE] or [Disposition#ABORT]; anything else counts as `CLOSE`
  /// @throws Exception to abort the connection
  default Disposition timedOut(Connection connection) throws Exception {
    return Disposition.ABORT;
  }

  /// Called exactly once when a connection has ended, whatever ended it; the place to release what
  /// the attachment holds. Reads and writes fail from now on. May run on a worker or the listener:
  /// must not block.
  ///
  /// @param connection the closed connection
  default void closed(Connection connection) {}
}
