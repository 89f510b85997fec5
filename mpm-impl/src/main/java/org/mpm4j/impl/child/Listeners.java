package org.mpm4j.impl.child;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Syscalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listening sockets of a child, in or out of its poller together. Confined to whoever listens,
/// but for [#pending].
final class Listeners {
  /*
   * A connection that comes wakes one of the children that wait (EPOLLEXCLUSIVE). A child that was
   * woken must therefore accept, whatever it has decided since; else the connection would lie in the
   * backlog until the next one comes, although a sibling is idle. So the decision not to listen is made
   * before a wait, and leave() accepts once more after it has taken the sockets out.
   */

  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  /// No backlog is longer (`net.core.somaxconn`, unless somebody raised it).
  static final int LONGEST_BACKLOG = 4096;

  /// How long a child that lacks descriptors or memory leaves connections to its siblings.
  private static final long BACK_OFF_NANOS = 100_000_000;

  private final Syscalls os;
  private final Poller poller;
  private final int[] fds;
  private final boolean[] internet;
  private boolean listening;
  private boolean starved;
  private long starvedAt;

  Listeners(Syscalls os, Poller poller, int[] fds) throws IOException {
    this.os = os;
    this.poller = poller;
    this.fds = fds.clone();
    this.internet = new boolean[fds.length];
    for (int i = 0; i < fds.length; i++) {
      internet[i] = os.getsockname(fds[i]) instanceof InetSocketAddress;
    }
  }

  int count() {
    return fds.length;
  }

  int fd(int index) {
    return fds[index];
  }

  /// Whether a read on one of its connections that returns less than there was room for has emptied
  /// the socket (epoll(7), "edge-triggered"). It may not have on a Unix-domain socket, where it
  /// stops behind bytes that descriptors came with (unix(7)).
  boolean shortReadsEmpty(int index) {
    return internet[index];
  }

  /// The poller's data for a listening socket; see [#index(long)].
  private static long data(int index) {
    return -1L - index;
  }

  /// The index of the listening socket that has this poller data, or -1 if it is a connection's.
  static int index(long data) {
    return data < 0 ? (int) (-1L - data) : -1;
  }

  boolean listening() {
    return listening;
  }

  void enter() {
    if (!listening) {
      listening = true;
      for (int i = 0; i < fds.length; i++) {
        int result = poller.add(fds[i], Poller.EPOLLIN | Poller.EPOLLEXCLUSIVE, data(i));
        if (result < 0) {
          log.error("cannot wait for connections: {}", Errno.message(result));
        }
      }
    }
  }

  void leave() {
    if (listening) {
      listening = false;
      for (int fd : fds) {
        poller.remove(fd);
      }
    }
  }

  /// Whether a connection waits to be accepted. Any thread.
  ///
  /// @param set room for all sockets; left with nothing in it
  boolean pending(PollSet set) {
    for (int i = 0; i < fds.length; i++) {
      set.set(i, fds[i], PollSet.POLLIN);
    }
    int ready = os.poll(set, 0);
    for (int i = 0; i < fds.length; i++) {
      set.set(i, -1, 0);
    }
    return ready > 0;
  }

  /// Accepts one connection.
  ///
  /// @return its descriptor, or -1 if there is none now
  int accept(int index, long now) {
    int fd = os.accept4(fds[index]);
    if (fd >= 0) {
      starved = false;
      return fd;
    }
    switch (-fd) {
      case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS -> {
        if (!starved) {
          log.error("cannot accept a connection: {}", Errno.message(fd));
        }
        starved = true;
        starvedAt = now;
      }
      default -> {} // taken by a sibling, or gone before it was accepted: accept(2) lists many
    }
    return -1;
  }

  /// Whether the last accept failed for want of a resource, so recently that another attempt would
  /// be in vain.
  boolean starved(long now) {
    return starved && now - starvedAt < BACK_OFF_NANOS;
  }
}
