package org.mpm4j.impl.supervisor;

import java.util.List;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Syscalls;

/// Sees clients that nobody accepts, for `ProcessManager ondemand`. The supervisor's thread only.
final class Doorbell {
  private final Syscalls os;
  private final Poller poller;
  private final long data;

  private List<ListenSocket> watched = List.of();

  /// @param poller lent
  /// @param data what the poller reports when a client comes
  Doorbell(Syscalls os, Poller poller, long data) {
    this.os = os;
    this.poller = poller;
    this.data = data;
  }

  /// Has the poller report the next client of these sockets, and of no others. Once: a client that
  /// no child may be started for is found again by the next look.
  void watch(List<ListenSocket> listeners) {
    if (watched.equals(listeners)) {
      return;
    }
    watched.forEach(listener -> poller.remove(listener.fd()));
    int once = Poller.EPOLLIN | Poller.EPOLLONESHOT;
    listeners.forEach(listener -> poller.add(listener.fd(), once, data));
    watched = listeners;
  }

  /// Whether a client waits at one of these sockets.
  boolean clientWaits(List<ListenSocket> listeners) {
    try (PollSet set = new PollSet(listeners.size())) {
      for (int i = 0; i < listeners.size(); i++) {
        set.set(i, listeners.get(i).fd(), PollSet.POLLIN);
      }
      return os.poll(set, 0) > 0;
    }
  }
}
