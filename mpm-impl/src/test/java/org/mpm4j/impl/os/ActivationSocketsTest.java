package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(OpenDescriptors.class)
final class ActivationSocketsTest {
  private final Linux os = Linux.open();
  private final String pid = Integer.toString(os.getpid());

  @TempDir Path directory;

  @Test
  void withoutVariablesThereAreNone() throws IOException {
    assertNone(Map.of());
    assertNone(Map.of("LISTEN_FDS", "1"));
    assertNone(Map.of("LISTEN_PID", pid));
    assertNone(Map.of("LISTEN_PID", pid, "LISTEN_FDS", "0", "LISTEN_FDNAMES", ""));
  }

  @Test
  void thoseOfAnotherProcessAreNotTaken() throws IOException {
    assertNone(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "3"));
  }

  private void assertNone(Map<String, String> environment) throws IOException {
    ActivationSockets sockets = ActivationSockets.of(os, environment);
    assertTrue(sockets.unclaimed().isEmpty());
    assertEquals(Optional.empty(), sockets.take(new InetSocketAddress(80)));
  }

  @Test
  void valuesThatCannotBeAreNamed() {
    assertRefused(
        "environment variable LISTEN_FDS=abc: expected a number from 0 to 65536",
        Map.of("LISTEN_PID", pid, "LISTEN_FDS", "abc"));
    assertRefused(
        "environment variable LISTEN_FDS=-1: expected a number from 0 to 65536",
        Map.of("LISTEN_PID", pid, "LISTEN_FDS", "-1"));
    assertRefused(
        "environment variable LISTEN_PID=self: expected a number from 0 to 2147483647",
        Map.of("LISTEN_PID", "self", "LISTEN_FDS", "1"));
    assertRefused(
        "environment variable LISTEN_FDNAMES=a:b: expected as many names as LISTEN_FDS says, 1",
        Map.of("LISTEN_PID", pid, "LISTEN_FDS", "1", "LISTEN_FDNAMES", "a:b"));
  }

  private void assertRefused(String message, Map<String, String> environment) {
    IOException e = assertThrows(IOException.class, () -> ActivationSockets.of(os, environment));
    assertEquals(message, e.getMessage());
  }

  @Test
  void adoptedSocketIsMadeReadyAndStaysOpen() throws IOException {
    int fd = os.socket(Syscalls.AF_INET);
    SocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    assertEquals(0, os.bind(fd, any));
    assertEquals(0, os.listen(fd, 8));
    ListenSocket socket = ListenSocket.adopted(os, fd);
    assertEquals(-Errno.EAGAIN, os.accept4(fd), "does not block");
    assertEquals(1, os.getsockopt(fd, Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY));
    assertEquals(os.getsockname(fd), socket.localAddress());
    socket.close();
    assertEquals(-Errno.EAGAIN, os.accept4(fd), "still listens");
    os.close(fd);
  }

  @Test
  void pathOfAnAdoptedSocketStays() throws IOException {
    int fd = os.socket(Syscalls.AF_UNIX);
    Path path = directory.resolve("a.sock");
    assertEquals(0, os.bind(fd, UnixDomainSocketAddress.of(path)));
    assertEquals(0, os.listen(fd, 8));
    ListenSocket.adopted(os, fd).close();
    assertTrue(Files.exists(path));
    os.close(fd);
  }

  @Test
  void otherSocketsAreNotAdopted() {
    int stream = os.socket(Syscalls.AF_INET);
    IOException e = assertThrows(IOException.class, () -> ListenSocket.adopted(os, stream));
    assertEquals("descriptor " + stream + " is not a listening socket", e.getMessage());
    os.close(stream);
    int datagram = os.datagramSocket();
    assertThrows(IOException.class, () -> ListenSocket.adopted(os, datagram));
    os.close(datagram);
  }

  @Test
  void childrenDoNotInheritWhatIsMeantForOneProcess() {
    assertTrue(
        SystemdEnvironment.NAMES.containsAll(
            Set.of(
                "NOTIFY_SOCKET",
                "WATCHDOG_USEC",
                "WATCHDOG_PID",
                "LISTEN_PID",
                "LISTEN_FDS",
                "LISTEN_FDNAMES")));
  }
}
