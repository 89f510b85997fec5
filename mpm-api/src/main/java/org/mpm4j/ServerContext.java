package org.mpm4j;

import java.util.List;

/// What a [HostedServer] is given: the listeners, where to report its load, and what any child is
/// told about itself. Every method may be called from any thread and never blocks. Implemented by
/// mpm4j only; methods may be added.
public interface ServerContext extends ChildContext {
  /// What to accept from, in the order of the `Listen` directives: the same sockets as in
  /// [#addresses()].
  ///
  /// @return an unmodifiable list, never empty
  List<InheritedListener> listeners();

  /// Where to report connections and requests.
  ///
  /// @return the load of this child
  ServerLoad load();

  /// A pool of threads for the server's requests: `maxThreads` is `ThreadsPerChild`, 1 under
  /// prefork; the rest is as in [WorkerPool#builder()]. Built by the first call, and shut down at
  /// once when the child ends, after [HostedServer#drain()].
  ///
  /// Each task counts as one exchange of [#load()] while it runs, and appears in the status without
  /// its client and its request. So a server that runs each request, and nothing else, as a task
  /// has nothing more to report: the JDK's `HttpServer` does, and nearly Tomcat, whose tasks are a
  /// request, or a part of one that came in pieces, or several that a client pipelined. A server
  /// with tasks of another kind runs those in [WorkerPool#uncounted()], which are threads of the
  /// same pool: they take from `maxThreads`, and the status still shows their slots as idle. Jetty
  /// is such a server: its acceptors and selectors run in the pool for as long as it lives, and a
  /// selector's thread goes on as a handler's. Give it the uncounted view of a pool of its own
  /// ([WorkerPool#builder()]), with threads enough for both, and report to [#load()] in a handler.
  ///
  /// @return always the same pool; shut down if the child has ended
  WorkerPool workers();
}
