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
}
