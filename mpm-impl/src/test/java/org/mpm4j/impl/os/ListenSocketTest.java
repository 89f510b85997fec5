package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.impl.os.FaultySyscalls.Call;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class ListenSocketTest {
  private final FaultySyscalls os = new FaultySyscalls(Linux.open());
  private final InetSocketAddress anyPort =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

  @TempDir Path directory;

  @Test
  void tcpSocketIsReadyToAcceptWithoutBlocking() throws IOException {
    try (ListenSocket socket = ListenSocket.bind(os, anyPort, 8, true, 65_536, 32_768)) {
      assertEquals(-Errno.EAGAIN, os.accept4(socket.fd()));
      assertEquals(1, option(socket, Syscalls.SOL_SOCKET, Syscalls.SO_REUSEADDR));
      assertEquals(1, option(socket, Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY));
      assertTrue(option(socket, Syscalls.IPPROTO_TCP, Syscalls.TCP_DEFER_ACCEPT) >= 30);
      // the kernel doubles what was asked, for its bookkeeping: socket(7)
      assertEquals(131_072, option(socket, Syscalls.SOL_SOCKET, Syscalls.SO_SNDBUF));
      assertEquals(65_536, option(socket, Syscalls.SOL_SOCKET, Syscalls.SO_RCVBUF));
      InetSocketAddress bound = (InetSocketAddress) socket.localAddress();
      assertTrue(bound.getPort() > 0);
      assertEquals("127.0.0.1:" + bound.getPort(), socket.toString());
    }
  }

  @Test
  void acceptedConnectionsInheritNoDelay() throws IOException {
    try (ListenSocket socket = ListenSocket.bind(os, anyPort, 8, false, 0, 0)) {
      assertEquals(0, option(socket, Syscalls.IPPROTO_TCP, Syscalls.TCP_DEFER_ACCEPT));
      int client = os.socket(Syscalls.AF_INET);
      assertEquals(0, os.connect(client, socket.localAddress()));
      int server = os.accept4(socket.fd());
      assertEquals(1, os.getsockopt(server, Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY));
      os.close(client);
      os.close(server);
    }
  }

  @Test
  void theIpv6WildcardTakesIpv4AsWell() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("::"), 0);
    try (ListenSocket socket = ListenSocket.bind(os, any, 8, false, 0, 0)) {
      int port = ((InetSocketAddress) socket.localAddress()).getPort();
      int client = os.socket(Syscalls.AF_INET);
      InetSocketAddress loopback = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
      assertEquals(0, os.connect(client, loopback));
      os.close(client);
    }
  }

  @Test
  void portInUseIsNamed() throws IOException {
    try (ListenSocket socket = ListenSocket.bind(os, anyPort, 8, false, 0, 0)) {
      assertRefused(
          socket.localAddress(),
          "could not bind to " + socket + ": EADDRINUSE: Address already in use");
    }
  }

  @Test
  void unusableAddressesAreNamed() {
    assertRefused(
        InetSocketAddress.createUnresolved("no.such.host", 80),
        "could not bind to no.such.host:80: unknown host");
    String path = "/" + "ü".repeat(60);
    assertRefused(
        UnixDomainSocketAddress.of(path),
        "could not bind to "
            + path
            + ": the path is 121 bytes long, a Unix-domain socket allows 107");
    assertRefused(UnixDomainSocketAddress.of(""), "could not bind to : the path is empty");
    assertRefused(
        UnixDomainSocketAddress.of("/none/a.sock"),
        "could not bind to /none/a.sock: ENOENT: No such file or directory");
  }

  @Test
  void failuresLeakNothing() {
    SocketAddress unix = UnixDomainSocketAddress.of(directory.resolve("a.sock"));
    os.answer(Call.LISTEN, -Errno.ENOMEM);
    assertThrows(IOException.class, () -> ListenSocket.bind(os, unix, 8, false, 0, 0));
    assertFalse(Files.exists(directory.resolve("a.sock")), "path removed again");
    os.answer(Call.SETSOCKOPT, -Errno.EPERM);
    assertThrows(IOException.class, () -> ListenSocket.bind(os, anyPort, 8, false, 0, 0));
    os.answer(Call.SOCKET, -Errno.EMFILE);
    IOException e =
        assertThrows(IOException.class, () -> ListenSocket.bind(os, anyPort, 8, false, 0, 0));
    assertEquals(
        "could not create a socket for 127.0.0.1:0: EMFILE: Too many open files", e.getMessage());
  }

  @Test
  void unixPathIsRemovedAtClose() throws IOException {
    Path path = directory.resolve("a.sock");
    ListenSocket socket = bind(path);
    assertTrue(Files.exists(path));
    assertEquals(UnixDomainSocketAddress.of(path), socket.localAddress());
    socket.close();
    assertFalse(Files.exists(path));
    socket.close();
  }

  @Test
  void stalePathIsTakenOver() throws IOException {
    Path path = directory.resolve("a.sock");
    ListenSocket dead = bind(path);
    os.close(dead.fd());
    assertTrue(Files.exists(path));
    try (ListenSocket socket = bind(path)) {
      int client = os.socket(Syscalls.AF_UNIX);
      assertEquals(0, os.connect(client, socket.localAddress()));
      os.close(client);
    }
  }

  @Test
  void livePathIsRefused() throws IOException {
    Path path = directory.resolve("a.sock");
    try (ListenSocket live = bind(path)) {
      String message = "could not bind to " + path + ": another process is listening on it";
      assertRefused(live.localAddress(), message);
      os.answer(Call.CONNECT, -Errno.EAGAIN);
      assertRefused(live.localAddress(), message);
      os.answer(Call.CONNECT, -Errno.EACCES);
      assertRefused(
          live.localAddress(),
          "could not bind to "
              + path
              + ": somebody may be listening on it: EACCES:"
              + " Permission denied");
      assertTrue(Files.exists(path));
    }
  }

  @Test
  void pathThatIsNotASocketIsKept() throws IOException {
    Path file = Files.writeString(directory.resolve("precious"), "data");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    for (Path path : new Path[] {file, link}) {
      assertRefused(
          UnixDomainSocketAddress.of(path),
          "could not bind to " + path + ": the file there is not a socket");
      assertEquals("data", Files.readString(path));
    }
  }

  @Test
  void pathThatSomebodyElseTookIsKept() throws IOException {
    Path path = directory.resolve("a.sock");
    ListenSocket old = bind(path);
    Files.delete(path);
    try (ListenSocket successor = bind(path)) {
      old.close();
      assertTrue(Files.exists(path));
      assertEquals(UnixDomainSocketAddress.of(path), successor.localAddress());
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void inheritedSocketNeverRemovesItsPath() throws IOException {
    Path path = directory.resolve("a.sock");
    try (ListenSocket bound = bind(path)) {
      try (ListenSocket inherited = ListenSocket.inherited(os, os.fcntlDupFd(bound.fd(), 3))) {
        assertEquals(bound.localAddress(), inherited.localAddress());
      }
      assertTrue(Files.exists(path));
    }
  }

  @Test
  void onlyAListeningSocketIsInherited() {
    int plain = os.socket(Syscalls.AF_INET);
    IOException e = assertThrows(IOException.class, () -> ListenSocket.inherited(os, plain));
    assertEquals("descriptor " + plain + " is not a listening socket", e.getMessage());
    os.close(plain);
    e = assertThrows(IOException.class, () -> ListenSocket.inherited(os, plain));
    assertEquals(
        "descriptor " + plain + " is not a listening socket: EBADF: Bad file descriptor",
        e.getMessage());
  }

  private ListenSocket bind(Path path) throws IOException {
    return ListenSocket.bind(os, UnixDomainSocketAddress.of(path), 8, true, 0, 0);
  }

  private void assertRefused(SocketAddress address, String message) {
    IOException e =
        assertThrows(IOException.class, () -> ListenSocket.bind(os, address, 8, false, 0, 0));
    assertEquals(message, e.getMessage());
  }

  private int option(ListenSocket socket, int level, int name) {
    return os.getsockopt(socket.fd(), level, name);
  }
}
