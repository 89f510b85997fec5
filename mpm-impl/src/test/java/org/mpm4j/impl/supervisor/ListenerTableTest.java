package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.os.ActivationSockets;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.FaultySyscalls;
import org.mpm4j.impl.os.FaultySyscalls.Call;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.OpenDescriptors;

/// Which sockets outlive a configuration.
@ExtendWith(OpenDescriptors.class)
final class ListenerTableTest {
  private final FaultySyscalls os = new FaultySyscalls(Linux.open());
  private final ListenerTable table;

  @TempDir Path directory;

  ListenerTableTest() throws IOException {
    table = new ListenerTable(os, ActivationSockets.of(os, Map.of()));
  }

  @AfterEach
  void close() {
    table.close(); // OpenDescriptors sees whether all are closed
  }

  private SocketAddress unix(String name) {
    return UnixDomainSocketAddress.of(directory.resolve(name));
  }

  private List<String> paths() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static MpmConfig config(SocketAddress... addresses) {
    MpmConfigBuilder config = MpmConfig.builder(ProcessModel.EVENT);
    List.of(addresses).forEach(config::listen);
    return config.build();
  }

  private static MpmConfig config(String... addresses) {
    MpmConfigBuilder config = MpmConfig.builder(ProcessModel.EVENT);
    List.of(addresses).forEach(config::listen);
    return config.build();
  }

  @Test
  void anAddressKeepsItsSocket() throws IOException {
    List<ListenSocket> first = table.open(config(unix("a"), unix("b")));
    List<ListenSocket> second = table.open(config(unix("c"), unix("b")));
    assertEquals(List.of("a", "b", "c"), paths());
    assertEquals(3, os.count(Call.BIND));
    assertSame(first.get(1), second.get(1));
    assertEquals(unix("c"), second.getFirst().localAddress());
    assertEquals(second, table.open(config(unix("c"), unix("b"))));
    assertEquals(first.reversed(), table.open(config(unix("b"), unix("a"))));
    assertEquals(3, os.count(Call.BIND));
  }

  @Test
  void soDoesAPortThatTheKernelChose() throws IOException {
    List<ListenSocket> first = table.open(config("127.0.0.1:0"));
    assertEquals(first, table.open(config("127.0.0.1:0")));
  }

  @Test
  void othersAreClosedOnceTheyAreNotUsed() throws IOException {
    table.open(config(unix("a"), unix("b")));
    List<ListenSocket> used = table.open(config(unix("b"), unix("c")));
    table.retainAll(used);
    assertEquals(List.of("b", "c"), paths());
    assertEquals(used, table.open(config(unix("b"), unix("c"))));
    int bound = os.count(Call.BIND);
    ListenSocket again = table.open(config(unix("a"))).getFirst();
    assertEquals(bound + 1, os.count(Call.BIND));
    assertEquals(unix("a"), again.localAddress());
  }

  @Test
  void afterAFailureNothingHasChanged() throws IOException {
    List<ListenSocket> before = table.open(config(unix("a")));
    os.pass(Call.LISTEN, 1).answer(Call.LISTEN, -Errno.EADDRINUSE);
    IOException failure =
        assertThrows(
            IOException.class,
            () -> table.open(config(unix("a"), unix("b"), unix("c"), unix("d"))));
    assertTrue(
        String.valueOf(failure.getMessage()).contains(directory.resolve("c").toString()),
        failure.toString());
    assertTrue(os.played());
    assertEquals(List.of("a"), paths());
    assertEquals(before, table.open(config(unix("a"))));
    assertEquals(3, table.open(config(unix("a"), unix("b"), unix("c"))).size());
  }

  @Test
  void theIpv6WildcardCoversThatOfIpv4() throws IOException {
    os.answer(Call.BIND, 0); // without the port: the kernel chooses one when it is to listen
    List<ListenSocket> sockets = table.open(config("0.0.0.0:8080", "[::]:8080"));
    assertEquals(1, sockets.size());
    assertTrue(sockets.getFirst().toString().startsWith("[0:0:0:0:0:0:0:0]:"), sockets.toString());
    assertEquals(1, os.count(Call.BIND));
  }

  @Test
  void butNotItsOtherPortsAndAddresses() throws IOException {
    os.answer(Call.BIND, 0, 0, 0, 0);
    assertEquals(
        4, table.open(config("0.0.0.0:8080", "[::]:8081", "127.0.0.1:8081", "[::1]:8080")).size());
  }

  @Test
  void twoPortsThatTheKernelChoosesAreTwo() throws IOException {
    List<ListenSocket> sockets = table.open(config("0.0.0.0:0", "[::]:0"));
    assertEquals(2, sockets.size());
    assertNotEquals(sockets.getFirst().localAddress(), sockets.getLast().localAddress());
  }

  @Test
  void closeClosesAllOnce() throws IOException {
    table.open(config(unix("a"), unix("b")));
    int closed = os.count(Call.CLOSE);
    table.close();
    table.close();
    assertEquals(closed + 2, os.count(Call.CLOSE));
    assertEquals(List.of(), paths());
  }
}
