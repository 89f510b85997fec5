package org.mpm4j.impl.os;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The listening sockets that a service manager opened for this process: the protocol of
/// sd_listen_fds(3).
///
/// Their descriptors belong to the process, not to who takes them: closing a [ListenSocket] from
/// here leaves its descriptor open. So a socket that a reload drops can be taken again by the next,
/// and clients wait meanwhile. For one thread.
public final class ActivationSockets {
  private static final int FIRST = 3; // SD_LISTEN_FDS_START, sd-daemon.h
  private static final int MOST = 65_536; // keeps a wrong number from becoming a long loop

  private final List<Entry> entries;

  private static final class Entry {
    final ListenSocket socket;
    final String name;
    final boolean takesIpv4;
    boolean taken;

    Entry(ListenSocket socket, String name, boolean takesIpv4) {
      this.socket = socket;
      this.name = name;
      this.takesIpv4 = takesIpv4;
    }
  }

  private ActivationSockets(List<Entry> entries) {
    this.entries = entries;
  }

  /// Takes over what the environment says is there: makes each descriptor close-on-exec and
  /// non-blocking. None if the variables are not set, or are meant for another process.
  ///
  /// @param environment usually [System#getenv()]
  /// @throws IOException with the variable, its value and what was expected; or with the descriptor
  ///   that is not a listening stream socket
  public static ActivationSockets of(Syscalls os, Map<String, String> environment)
      throws IOException {
    OptionalLong pid =
        SystemdEnvironment.number(environment, SystemdEnvironment.LISTEN_PID, Integer.MAX_VALUE);
    if (pid.isEmpty() || pid.getAsLong() != os.getpid()) {
      return new ActivationSockets(List.of());
    }
    OptionalLong count =
        SystemdEnvironment.number(environment, SystemdEnvironment.LISTEN_FDS, MOST);
    int size = (int) count.orElse(0);
    List<String> names = names(environment, size);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      entries.add(adopt(os, FIRST + i, names.get(i)));
    }
    return new ActivationSockets(entries);
  }

  private static List<String> names(Map<String, String> environment, int count) throws IOException {
    String value = environment.get(SystemdEnvironment.LISTEN_FDNAMES);
    if (value == null) {
      return Collections.nCopies(count, "unknown"); // as sd_listen_fds_with_names(3) does
    }
    List<String> names = List.of(value.split(":", -1));
    if (names.size() != count && count > 0) {
      throw new IOException(
          "environment variable "
              + SystemdEnvironment.LISTEN_FDNAMES
              + "="
              + value
              + ": expected as many names as "
              + SystemdEnvironment.LISTEN_FDS
              + " says, "
              + count);
    }
    return names;
  }

  private static Entry adopt(Syscalls os, int fd, String name) throws IOException {
    try {
      ListenSocket socket = ListenSocket.adopted(os, fd);
      boolean ipv6 = isAny(socket.localAddress(), Inet6Address.class);
      boolean takesIpv4 =
          ipv6 && os.getsockopt(fd, Syscalls.IPPROTO_IPV6, Syscalls.IPV6_V6ONLY) == 0;
      return new Entry(socket, name, takesIpv4);
    } catch (IOException e) {
      throw new IOException(
          "environment variable "
              + SystemdEnvironment.LISTEN_FDS
              + ": "
              + e.getMessage()
              + " (its name is "
              + name
              + ")",
          e);
    }
  }

  /// The socket that listens where one is wanted, so that it need not be bound: at that very
  /// address, or else at the wildcard of the other family and the same port. `0.0.0.0` finds `[::]`
  /// only if that takes IPv4 as well; `[::]` finds `0.0.0.0`, beside which it could not be bound.
  ///
  /// @return the same socket each time; empty if there is none
  public Optional<ListenSocket> take(SocketAddress wanted) {
    Optional<Entry> found =
        entries.stream()
            .filter(entry -> isSame(entry.socket.localAddress(), wanted))
            .findFirst()
            .or(() -> entries.stream().filter(entry -> covers(entry, wanted)).findFirst());
    found.ifPresent(entry -> entry.taken = true);
    return found.map(entry -> entry.socket);
  }

  /// The sockets that nobody has taken, in words: connections to them would wait for ever.
  public List<String> unclaimed() {
    return entries.stream()
        .filter(entry -> !entry.taken)
        .map(entry -> entry.socket + " (" + entry.name + ")")
        .toList();
  }

  private static boolean isSame(SocketAddress address, SocketAddress wanted) {
    if (address instanceof UnixDomainSocketAddress a
        && wanted instanceof UnixDomainSocketAddress b) {
      return a.getPath()
          .toAbsolutePath()
          .normalize()
          .equals(b.getPath().toAbsolutePath().normalize());
    }
    return address.equals(wanted);
  }

  private static boolean covers(Entry entry, SocketAddress wanted) {
    SocketAddress address = entry.socket.localAddress();
    if (!(address instanceof InetSocketAddress a && wanted instanceof InetSocketAddress b)
        || a.getPort() != b.getPort()) {
      return false;
    }
    return isAny(wanted, Inet4Address.class)
        ? entry.takesIpv4
        : isAny(wanted, Inet6Address.class) && isAny(address, Inet4Address.class);
  }

  private static boolean isAny(SocketAddress address, Class<? extends InetAddress> family) {
    return address instanceof InetSocketAddress inet
        && family.isInstance(inet.getAddress())
        && inet.getAddress().isAnyLocalAddress();
  }
}
