package org.mpm4j;

/// Hears what happens to a server and its children.
@FunctionalInterface
public interface LifecycleListener {
  /// Something happened. Called on one thread of the library, in the order of the events, which
  /// waits for nothing but the listeners: a listener that blocks delays later events and nothing
  /// else. What it throws is logged.
  ///
  /// @param event what happened; its `toString()` is the line that is logged
  void on(LifecycleEvent event);
}
