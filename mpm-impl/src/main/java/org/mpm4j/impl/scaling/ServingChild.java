package org.mpm4j.impl.scaling;

/// What the scoreboard says about a child that is ready.
///
/// @param slot its process slot
/// @param connections the connections that it holds
/// @param busyWorkers its workers that do not wait for work
/// @param idleSinceNanos when it was last seen with a connection or a busy worker, or became ready;
///   has a meaning only while it has neither
public record ServingChild(int slot, int connections, int busyWorkers, long idleSinceNanos) {
  boolean empty() {
    return connections == 0 && busyWorkers == 0;
  }
}
