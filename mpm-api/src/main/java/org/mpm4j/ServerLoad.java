package org.mpm4j;

import java.net.SocketAddress;
import java.nio.ByteBuffer;

/// Where a [HostedServer] reports what it does, so that the scoreboard knows: autoscaling,
/// recycling and status follow from it. Any thread, a virtual one too; never blocks; costs about a
/// microsecond for each exchange.
///
/// A child has as many worker slots as `ThreadsPerChild` says, 1 under prefork. An exchange takes a
/// free one from [#begin()] to [Exchange#close()]: busy workers are exchanges in progress, idle
/// workers are the slots that are left. What is begun beyond them is counted when it ends, and not
/// shown.
///
/// ```java
/// try (ServerLoad.Exchange exchange = load.begin(client)) {
///   exchange.describe(method + " " + path);
///   ...
/// }
/// ```
public interface ServerLoad {
  /// A request is served from now on.
  ///
  /// @return what to close when it was answered
  Exchange begin();

  /// A request of `client` is served from now on.
  ///
  /// @param client the address of the other end, for the status
  /// @return what to close when it was answered
  Exchange begin(SocketAddress client);

  /// A connection was accepted. Optional, and then for each one. A connection counts for
  /// `MaxConnectionsPerChild`, and keeps the child from being called idle.
  void connectionOpened();

  /// A connection that was opened has been closed.
  void connectionClosed();

  /// How many exchanges are in progress, those without a slot included.
  ///
  /// @return 0 or more
  int exchanges();

  /// One request in progress. Any thread, so an asynchronous server may end it on another one than
  /// it was begun on. After [#close()] nothing has any effect.
  interface Exchange extends AutoCloseable {
    /// Says what the request is, for the status: its first line. Control characters are escaped,
    /// and passwords of URLs left out.
    ///
    /// @param request the text from its position on, which stays where it is
    void describe(ByteBuffer request);

    /// Says what the request is, for the status; see [#describe(ByteBuffer)].
    ///
    /// @param request such as `GET /index.html HTTP/1.1`
    void describe(String request);

    /// Counts what was sent.
    ///
    /// @param bytes so many more
    void sent(long bytes);

    /// The request was answered, or given up: counts it and frees its slot. Idempotent.
    @Override
    void close();
  }
}
