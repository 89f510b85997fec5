package org.mpm4j.impl.scaling;

import java.util.List;

/// The children of the current generation, as they are now. Those that drain do not belong to it.
///
/// @param starting children that were spawned and are not ready
/// @param serving children that are ready and may accept
/// @param retiring children that were told to accept no more and may yet be told otherwise
/// @param waitingClients whether a connection waits in the backlog of a listening socket
public record Fleet(
    int starting, List<ServingChild> serving, List<ServingChild> retiring, boolean waitingClients) {
  /// Copies the lists.
  public Fleet {
    serving = List.copyOf(serving);
    retiring = List.copyOf(retiring);
  }

  /// The children that serve or will: all but the retiring ones.
  int staying() {
    return starting + serving.size();
  }

  /// All children: none of them may be beyond the limit.
  int total() {
    return staying() + retiring.size();
  }

  /// The workers of the serving children that wait for work.
  int idleWorkers(int workersPerChild) {
    int idle = 0;
    for (ServingChild child : serving) {
      idle += Math.max(0, workersPerChild - child.busyWorkers());
    }
    return idle;
  }
}
