package org.mpm4j;

import java.net.Socket;

/// Serves connections with code that knows only [java.net.Socket]: one call for the whole life of a
/// connection.
///
/// ```java
/// public ConnectionHandler open(ChildContext child) {
///   return (SocketHandler) socket -> protocol.talk(socket);
/// }
/// ```
///
/// A worker is held from the accept to the end of the connection, also while it is idle, and under
/// event as well: `ThreadsPerChild` bounds how many connections a child serves at once. So the code
/// should close connections that are idle for long, by its own time limit or by `Timeout`, which
/// bounds each read unless the code says otherwise ([Connection#socket()]). `KeepAliveTimeout`,
/// `MaxKeepAliveRequests` and `RequestReadTimeout` do not apply. `RequestSlowLogTimeout` and
/// `RequestTerminateTimeout` count from the accept.
///
/// By default the kernel holds a connection back until its client has sent something. For a
/// protocol whose server speaks first set `AcceptFilter http none`
/// ([MpmConfigBuilder#deferAccept(boolean)]).
///
/// A child that drains waits for the call until `GracefulShutdownTimeout` is over; code that has
/// messages to wait for asks [ChildContext#draining()] between two of them. When the server stops
/// at once, every use of the socket fails with a [java.net.SocketException].
public interface SocketHandler extends ConnectionHandler {
  /// Serves one connection from its beginning to its end. Called by a worker, by many at once under
  /// worker and event.
  ///
  /// @param socket the connection; the code may close it or leave that to the caller (see
  ///   [Connection#socket()]); of no use once the method has returned
  /// @throws Exception to abort the connection; one that comes from the socket itself (the client
  ///   went away) is logged at debug level only
  void serve(Socket socket) throws Exception;

  @Override
  default Disposition accepted(Connection connection) throws Exception {
    return handle(connection);
  }

  @Override
  default Disposition handle(Connection connection) throws Exception {
    serve(connection.socket());
    return Disposition.CLOSE;
  }
}
