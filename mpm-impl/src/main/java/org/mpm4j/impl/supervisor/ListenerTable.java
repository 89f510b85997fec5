package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.mpm4j.MpmConfig;
import org.mpm4j.impl.os.ActivationSockets;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Syscalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listening sockets of a server, over all its generations: an address that both the old and
/// the new configuration name keeps its socket, and with it whatever waits in the backlog. One
/// thread at a time.
public final class ListenerTable implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ListenerTable.class);

  private final Syscalls os;
  private final ActivationSockets activation;

  /// An address as configured: port 0 is the same one in the next configuration.
  ///
  /// @param occurrence how many have the same address before it, which only port 0 allows
  private record Wanted(SocketAddress address, int occurrence) {}

  private final Map<Wanted, ListenSocket> sockets = new LinkedHashMap<>();

  private List<String> unclaimed = List.of();

  /// Holds nothing yet.
  ///
  /// @param activation sockets to be taken where they listen at an address that is asked for
  public ListenerTable(Syscalls os, ActivationSockets activation) {
    this.os = os;
    this.activation = activation;
  }

  /// The sockets for the addresses of `config`; those that are missing are bound.
  ///
  /// @return in the order of the `Listen` directives; they stay this table's
  /// @throws IOException that names the address; nothing has changed then
  public List<ListenSocket> open(MpmConfig config) throws IOException {
    List<ListenSocket> opened = new ArrayList<>();
    List<Wanted> added = new ArrayList<>();
    Map<SocketAddress, Integer> occurrences = new HashMap<>();
    try {
      for (SocketAddress address : config.listen()) {
        if (isCovered(address, config.listen())) {
          continue;
        }
        Wanted wanted = new Wanted(address, occurrences.merge(address, 1, Integer::sum) - 1);
        ListenSocket socket = sockets.get(wanted);
        if (socket == null) {
          socket = bind(address, config);
          sockets.put(wanted, socket);
          added.add(wanted);
        }
        opened.add(socket);
      }
      tellUnclaimed();
      return List.copyOf(opened);
    } catch (IOException e) {
      closeIf(entry -> added.contains(entry.getKey()));
      throw e;
    }
  }

  /// Clients of a socket that the service manager opened and nobody accepts from wait for ever.
  private void tellUnclaimed() {
    List<String> now = activation.unclaimed();
    if (!now.isEmpty() && !now.equals(unclaimed)) {
      log.warn("no Listen directive names what the service manager passed: {}", now);
    }
    unclaimed = now;
  }

  private ListenSocket bind(SocketAddress address, MpmConfig config) throws IOException {
    Optional<ListenSocket> passed = activation.take(address);
    if (passed.isPresent()) {
      return passed.get();
    }
    return ListenSocket.bind(
        os,
        address,
        config.listenBackLog(),
        config.deferAccept(),
        config.sendBufferSize(),
        config.receiveBufferSize());
  }

  /// Whether `[::]` is to be bound with the same port: it takes IPv4 as well.
  private static boolean isCovered(SocketAddress address, List<SocketAddress> all) {
    return address instanceof InetSocketAddress inet
        && inet.getAddress() instanceof Inet4Address ipv4
        && ipv4.isAnyLocalAddress()
        && inet.getPort() != 0
        && all.stream()
            .anyMatch(other ->
                other instanceof InetSocketAddress wildcard
                    && wildcard.getAddress() instanceof Inet6Address ipv6
                    && ipv6.isAnyLocalAddress()
                    && wildcard.getPort() == inet.getPort());
  }

  /// Closes every socket that is not among `used`.
  public void retainAll(Collection<ListenSocket> used) {
    closeIf(entry -> !used.contains(entry.getValue()));
  }

  private void closeIf(Predicate<Map.Entry<Wanted, ListenSocket>> unused) {
    sockets
        .entrySet()
        .removeIf(entry -> {
          boolean closes = unused.test(entry);
          if (closes) {
            entry.getValue().close();
          }
          return closes;
        });
  }

  /// Closes all sockets; idempotent.
  @Override
  public void close() {
    retainAll(List.of());
  }
}
