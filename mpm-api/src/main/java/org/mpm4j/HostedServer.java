package org.mpm4j;

/// A whole server that accepts by itself (Jetty, Tomcat, Netty, one's own loop), run in every child
/// instead of a [ServerApplication]. mpm4j owns the listening sockets, starts, counts, replaces and
/// ends the children; the server does the rest.
///
/// ```java
/// public final class Hello implements HostedServer {
///   private final Server jetty = new Server();
///
///   @Override
///   public void start(ServerContext server) throws Exception {
///     ServerConnector connector = new ServerConnector(jetty);
///     connector.open(server.listeners().getFirst().openChannel());
///     ...
///     jetty.start();
///   }
///
///   @Override
///   public void drain() throws Exception {
///     jetty.stop();
///   }
/// }
/// ```
///
/// `NEW` → [#start(ServerContext)] → [#drain()] → [#close()], each once, one after the other, on
/// the child's main thread. In-process, `start` and `close` are called by whoever starts and stops
/// the server, and `drain` by a thread of the library.
///
/// A server that reports its requests to [ServerContext#load()] is scaled, shown and counted like
/// any other. One that does not is an idle child for the autoscaler, whatever it does: set
/// `StartServers` and `MinSpareThreads` to how many children there should be, or call
/// [Mpm#scale(int)].
///
/// **What applies.** Everything about processes: `Listen`, `StartServers` to `ServerLimit`,
/// `ChildStartTimeout`, `HeartbeatTimeout`, `GracefulShutdownTimeout`, `MaxChildAge`,
/// `MaxChildMemory`, reload, crash control, status. `ThreadsPerChild` says how many requests the
/// child can serve at a time; under prefork that is 1. `MaxConnectionsPerChild` counts
/// [ServerLoad#connectionOpened()], or, in a server that never calls it, exchanges.
///
/// By default the kernel holds a TCP connection back until its client has sent something. Where the
/// server speaks first, set `AcceptFilter http none` ([MpmConfigBuilder#deferAccept(boolean)]).
///
/// **What does not.** What moves connections is the server's own: `Timeout`, `KeepAlive` and its
/// like, `RequestReadTimeout`, `RequestSlowLogTimeout`, `RequestTerminateTimeout`,
/// `AsyncRequestWorkerFactor` and `MaxKeepAliveConnections` have no effect. Of the three models
/// only the number of requests remains, so worker and event are the same here. A child that the
/// autoscaler would first have accept no more goes on accepting until it is told to drain.
public non-sealed interface HostedServer extends ChildApplication {
  /// Starts to serve: when this method returns, the server accepts from [ServerContext#listeners()]
  /// and the child counts as ready. A listener that was not opened by then is warned of, because
  /// nobody accepts from it.
  ///
  /// May block for up to `ChildStartTimeout`. Threads that it starts need not be daemons. If it
  /// throws it leaves nothing behind that would go on in-process; [#close()] is not called.
  ///
  /// @param server what this child is told about itself, the listeners, and where to report; valid
  ///   until the child ends
  /// @throws Exception if the child cannot serve; it is reported to whoever called
  ///   [Mpm#start(MpmConfig, Class)], and the child ends
  void start(ServerContext server) throws Exception;

  /// Stops accepting, answers what is connected, telling clients that their connections end, and
  /// returns when that is done: the child exits then, whatever threads are left.
  /// [ChildContext#draining()] is true from before this call on.
  ///
  /// May block until `GracefulShutdownTimeout` ends; then the process is ended by force after a
  /// thread dump. In-process, the thread is interrupted instead. Not called in a child that is
  /// ended at once; in-process, [#close()] is then all that is called, and ends what is left.
  ///
  /// If no sibling goes on accepting, this is called only when nobody waits in the backlog any
  /// more, or after half of `GracefulShutdownTimeout` and at most 10 s: the server still accepts
  /// meanwhile. Closing the channels and descriptors of an [InheritedListener] stops the accepting
  /// of this child alone, and loses nothing that waits.
  ///
  /// @throws Exception to have the reason logged; the child ends all the same
  void drain() throws Exception;
}
