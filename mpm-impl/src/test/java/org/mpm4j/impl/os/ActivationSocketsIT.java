package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Plays the service manager: opens sockets, and starts a JVM that has them from descriptor 3 on.
@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class ActivationSocketsIT {
  private final Linux os = Linux.open();
  private final NativeBuffer buffer = new NativeBuffer(4096);
  private final int[] output = new int[2];
  private final List<ListenSocket> sockets = new ArrayList<>();

  @TempDir Path directory;

  @BeforeEach
  void open() {
    assertEquals(0, os.socketpair(output));
  }

  @AfterEach
  void close() {
    sockets.forEach(ListenSocket::close);
    os.close(output[0]);
  }

  @Test
  void socketsAreFoundByAddress() throws IOException {
    int one = listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    int dual = listen(new InetSocketAddress(InetAddress.ofLiteral("::"), 0));
    int ipv4 = listen(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
    String path = directory.resolve("a.sock").toString();
    listen(UnixDomainSocketAddress.of(path));
    int unused = listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    String said =
        run(
            "one:dual:ipv4:path:unused",
            "127.0.0.1 " + one, // 3
            "127.0.0.2 " + one,
            ":: " + dual, // 4
            "0.0.0.0 " + dual, // 4: it takes IPv4 as well
            "127.0.0.1 " + dual,
            "0.0.0.0 " + ipv4, // 5
            ":: " + ipv4, // 5
            "::1 " + ipv4,
            path, // 6
            directory + "/./a.sock", // 6
            directory + "/b.sock",
            "127.0.0.1 " + one); // 3 again
    assertEquals(
        """
        3 - 4 4 - 5 5 - 6 6 - 3
        unclaimed [127.0.0.1:%d (unused)]
        accepted hello
        """
            .formatted(unused),
        said);
    assertTrue(Files.exists(Path.of(path)), "the path stays");
  }

  /// An IPv4 wildcard can be bound beside an IPv6 one that takes IPv6 only, so it is not the same.
  @Test
  void wildcardThatTakesIpv6OnlyIsNotTheIpv4One() throws IOException {
    int fd = os.socket(Syscalls.AF_INET6);
    assertEquals(0, os.setsockopt(fd, Syscalls.IPPROTO_IPV6, Syscalls.IPV6_V6ONLY, 1));
    assertEquals(0, os.bind(fd, new InetSocketAddress(InetAddress.ofLiteral("::"), 0)));
    assertEquals(0, os.listen(fd, 8));
    sockets.add(ListenSocket.inherited(os, fd));
    int port = ((InetSocketAddress) os.getsockname(fd)).getPort();
    int one = listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    Collections.reverse(sockets);
    assertEquals(
        "3 - 4\nunclaimed []\naccepted hello\n",
        run("one:six", "127.0.0.1 " + one, "0.0.0.0 " + port, ":: " + port));
  }

  @Test
  void descriptorThatIsNotAListenerIsNamed() throws IOException {
    listen(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    int plain = os.memfdCreate("plain");
    String said = start(List.of(sockets.getFirst().fd(), plain), "web:data", List.of());
    os.close(plain);
    assertEquals(
        "environment variable LISTEN_FDS: descriptor 4 is not a listening socket: ENOTSOCK:"
            + " Socket operation on non-socket (its name is data)\n",
        said);
  }

  private int listen(SocketAddress address) throws IOException {
    ListenSocket socket = ListenSocket.bind(os, address, 8, false, 0, 0);
    sockets.add(socket);
    return socket.localAddress() instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  private String run(String names, String... wanted) {
    // waits in the backlog of the first socket, which the other process closes and takes again
    int client = os.socket(Syscalls.AF_INET);
    assertEquals(0, os.connect(client, sockets.getFirst().localAddress()));
    buffer.send(os, client, "hello");
    os.shutdown(client, Syscalls.SHUT_WR);
    String said = start(sockets.stream().map(ListenSocket::fd).toList(), names, List.of(wanted));
    os.close(client);
    return said;
  }

  private String start(List<Integer> listeners, String names, List<String> wanted) {
    List<Integer> descriptors = new ArrayList<>(List.of(-1, output[1], 2));
    descriptors.addAll(listeners);
    List<String> arguments = new ArrayList<>(List.of("sh", "-c"));
    arguments.add("LISTEN_PID=$$ exec \"$0\" \"$@\""); // exec keeps the process id
    arguments.addAll(ForkedJvm.command(Activated.class, wanted.toArray(String[]::new)));
    List<String> environment = List.of("LISTEN_FDS=" + listeners.size(), "LISTEN_FDNAMES=" + names);
    int pid =
        os.posixSpawn(new SpawnRequest("/bin/sh", arguments, environment, descriptors, false));
    assertTrue(pid > 0, () -> Errno.message(pid));
    os.close(output[1]);
    String said = buffer.receiveAll(os, output[0]);
    int[] status = new int[1];
    assertEquals(pid, os.waitpid(pid, false, status));
    assertEquals(new ExitStatus.Exited(0), ExitStatus.ofWaitStatus(status[0]), said);
    return said;
  }

  /// Another process.
  public static final class Activated {
    private Activated() {}

    /// Takes sockets, says which, closes the first, takes it again, and accepts from it.
    ///
    /// @param args addresses: `host port` or a path
    public static void main(String[] args) throws IOException {
      Linux os = Linux.open();
      ActivationSockets sockets;
      try {
        sockets = ActivationSockets.of(os, System.getenv());
      } catch (IOException e) {
        System.out.println(e.getMessage());
        return;
      }
      List<String> found = new ArrayList<>();
      for (String arg : args) {
        Optional<ListenSocket> socket = sockets.take(address(arg));
        found.add(socket.map(s -> Integer.toString(s.fd())).orElse("-"));
      }
      System.out.println(String.join(" ", found));
      System.out.println("unclaimed " + sockets.unclaimed());
      sockets.take(address(args[0])).orElseThrow().close();
      ListenSocket again =
          ActivationSockets.of(os, System.getenv()).take(address(args[0])).orElseThrow();
      int connection = os.accept4(again.fd());
      os.setNonBlocking(connection, false);
      System.out.println("accepted " + new NativeBuffer(64).receive(os, connection));
    }

    private static SocketAddress address(String text) {
      if (text.startsWith("/")) {
        return UnixDomainSocketAddress.of(text);
      }
      String[] words = text.split(" ", -1);
      return new InetSocketAddress(InetAddress.ofLiteral(words[0]), Integer.parseInt(words[1]));
    }
  }
}
