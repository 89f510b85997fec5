package org.mpm4j.impl.child;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.mpm4j.ChildApplication;
import org.mpm4j.HostedServer;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.LoggerFactory;

/// One child: what serves in it, and how it is told to stop.
///
/// [#open] → [#start()] → ([#drain] | [#terminate()]) → terminated → [#close()]. Whoever opened a
/// child closes it.
public sealed interface Child permits EngineChild, HostedChild {
  /// Which child this is.
  ///
  /// @param slot its slot in the scoreboard
  /// @param generation of the configuration
  /// @param inProcess whether it shares the JVM of the supervisor
  /// @param addresses what it listens to, with real ports
  record Identity(int slot, int generation, boolean inProcess, List<SocketAddress> addresses) {
    /// Copies the list.
    public Identity {
      addresses = List.copyOf(addresses);
    }
  }

  /// Whom a child tells what its process should do. Any thread calls, and wants to return soon.
  interface Owner {
    /// The child drains by its own decision. At most once.
    ///
    /// @param reason one line
    void draining(String reason);

    /// The child should be replaced, and goes on until it is told to drain. At most once for each
    /// reason.
    ///
    /// @param reason one line
    void recycleDue(String reason);

    /// The child drains, and nothing is left but requests that do not end: the process may. At most
    /// once.
    ///
    /// @param reason one line
    void stuck(String reason);
  }

  /// The owner of a child that has no process of its own.
  Owner NOBODY =
      new Owner() {
        @Override
        public void draining(String reason) {}

        @Override
        public void recycleDue(String reason) {}

        @Override
        public void stuck(String reason) {}
      };

  /// Opens the application. A [ServerApplication] is not accepted for yet; a [HostedServer] accepts
  /// when this returns.
  ///
  /// In-process, `MaxConnectionsPerChild` and `MaxChildAge` have no effect, a request that outlasts
  /// `RequestTerminateTimeout` is only interrupted, and a handler's [OutOfMemoryError] ends only
  /// its connection: the rest would replace a process, and there is none to replace.
  ///
  /// @param listenDescriptors non-blocking listening sockets, which stay the caller's
  /// @param owner whom to tell when the process should end or be replaced
  /// @throws IllegalStateException if the application cannot run so, with a message that says it
  ///   all
  /// @throws Exception what the application threw
  static Child open(
      Syscalls os,
      MpmConfig config,
      ChildApplication application,
      Identity identity,
      Scoreboard scoreboard,
      List<Integer> listenDescriptors,
      Owner owner)
      throws Exception {
    return switch (application) {
      case ServerApplication served ->
          EngineChild.open(os, config, served, identity, scoreboard, listenDescriptors, owner);
      case HostedServer server ->
          HostedChild.open(os, config, server, identity, scoreboard, listenDescriptors, owner);
    };
  }

  /// Serves from now on. Once.
  void start();

  /// What the main thread of a process has to do until the child has ended. Once, after [#start()];
  /// in-process nobody need call it.
  ///
  /// @throws InterruptedException if the calling thread is interrupted
  void run() throws InterruptedException;

  /// Leaves new connections to the siblings, or takes them again; what is connected is served as
  /// ever. Any thread; at once; without effect on a child that drains.
  void accepting(boolean accepting);

  /// Accepts no more and ends when the last exchange has. An idle connection may stay for a moment,
  /// in which its next request is answered. Any thread; idempotent; at once.
  ///
  /// @param backlogToo whether to accept first what waits in the backlog, because no sibling will;
  ///   of no effect in a child that drains already
  void drain(boolean backlogToo);

  /// Cuts off everything in progress and interrupts the handlers. Any thread; idempotent; at once.
  void terminate();

  /// Waits until the child has ended after a [#drain] or [#terminate].
  ///
  /// @param timeout how long at most; zero or less means without limit, as in
  ///   `GracefulShutdownTimeout`
  /// @return whether it has ended
  /// @throws InterruptedException if the calling thread is interrupted
  boolean awaitTermination(Duration timeout) throws InterruptedException;

  /// Closes the application and releases what the child holds. Only after [#awaitTermination] has
  /// returned true; idempotent.
  void close();

  /// Closes an application; what it throws is logged.
  static void close(ChildApplication application) {
    try {
      application.close();
    } catch (Exception | Error e) {
      LoggerFactory.getLogger(Child.class)
          .error("application {} failed to close", application.getClass().getName(), e);
    }
  }
}
