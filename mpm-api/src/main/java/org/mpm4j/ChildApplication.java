package org.mpm4j;

/// What runs in every child: a [ServerApplication], whose connections mpm4j accepts and moves, or a
/// [HostedServer], which accepts by itself.
///
/// Where children are forked, each JVM builds its own instance of the class through its public
/// constructor without parameters, so nothing is shared between children. In-process, the one
/// instance that was given is used once.
public sealed interface ChildApplication permits ServerApplication, HostedServer {
  /// Called once when the child has served its last connection, unless the child was killed. Called
  /// on the child's main thread; may block until `GracefulShutdownTimeout` ends.
  ///
  /// @throws Exception to have the reason logged; the child ends all the same
  default void close() throws Exception {}
}
