package org.mpm4j;

/// An application whose connections mpm4j accepts and moves: opened once per child, it serves that
/// child's connections. In-process, a lambda will do.
@FunctionalInterface
public non-sealed interface ServerApplication extends ChildApplication {
  /// Prepares this child for serving: the place to load data, open pools, warm caches. The child
  /// accepts connections only after this method has returned; an exception ends the child, and the
  /// exception is reported to whoever called [Mpm#start(MpmConfig, Class)].
  ///
  /// Called once, on the child's main thread; may block for up to `ChildStartTimeout`.
  ///
  /// @param child what this child is told about itself
  /// @return the handler that serves this child's connections
  /// @throws Exception if the child cannot serve
  ConnectionHandler open(ChildContext child) throws Exception;

  /// Whether the handler may be called by several threads at once. Where this is false, only the
  /// prefork model starts it; worker and event refuse with a message that names the class, as httpd
  /// refuses mod_php in its threaded builds.
  ///
  /// @return true by default; must be constant
  default boolean threadSafe() {
    return true;
  }
}
