package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class DescriptorCallsTest {
  private final Linux os = Linux.open();
  private final NativeBuffer buffer = new NativeBuffer(256);

  @TempDir Path directory;

  @Test
  void pipeCarriesBytesOneWay() throws IOException {
    int[] pair = new int[2];
    assertEquals(0, os.pipe2(pair, true));
    assertEquals(-Errno.EAGAIN, os.read(pair[0], buffer.address(), 10));
    assertEquals(2, os.write(pair[1], buffer.address(), buffer.put("hi")));
    assertEquals(2, os.read(pair[0], buffer.address(), 10));
    assertEquals("hi", buffer.text(2));
    assertTrue(isCloseOnExec(pair[0]) && isCloseOnExec(pair[1]));
    os.close(pair[1]);
    assertEquals(0, os.read(pair[0], buffer.address(), 10), "end of file");
    os.close(pair[0]);
  }

  @Test
  void aPipeBlocksUnlessAskedNotTo() throws IOException {
    int[] pair = new int[2];
    assertEquals(0, os.pipe2(pair, false));
    assertEquals(0, flags(pair[0]) & 04000, "O_NONBLOCK");
    os.close(pair[0]);
    os.close(pair[1]);
  }

  @Test
  void duplicateReplacesWhatTheNumberNamed() throws IOException {
    int a = os.memfdCreate("a");
    int b = os.memfdCreate("b");
    assertEquals(b, os.dup2(a, b));
    assertEquals(OpenDescriptors.list().get(a), OpenDescriptors.list().get(b));
    assertFalse(isCloseOnExec(b));
    assertEquals(0, os.setCloseOnExec(b));
    assertTrue(isCloseOnExec(b));
    os.close(a);
    assertEquals(-Errno.EBADF, os.dup2(a, b));
    os.close(b);
  }

  @Test
  void datagramReachesAPathOrAnAbstractName() {
    datagramReaches(UnixDomainSocketAddress.of(directory.resolve("d.sock")));
    datagramReaches(new UnixAbstractAddress("mpm4j-test-" + os.getpid()));
  }

  private void datagramReaches(SocketAddress address) {
    int receiver = os.datagramSocket();
    assertEquals(0, os.bind(receiver, address));
    int sender = os.datagramSocket();
    assertEquals(5, os.sendto(sender, buffer.address(), buffer.put("hello"), address));
    assertEquals("hello", buffer.receive(os, receiver));
    // nobody reads: the queue fills up (net.unix.max_dgram_qlen), and the sender does not wait
    int result;
    do {
      result = os.sendto(sender, buffer.address(), 5, address);
    } while (result == 5);
    assertEquals(-Errno.EAGAIN, result);
    os.close(receiver);
    assertEquals(-Errno.ECONNREFUSED, os.sendto(sender, buffer.address(), 5, address));
    os.close(sender);
  }

  @Test
  void datagramToAnUnusableAddressIsRefused() {
    int sender = os.datagramSocket();
    SocketAddress missing = UnixDomainSocketAddress.of(directory.resolve("none"));
    assertEquals(-Errno.ENOENT, os.sendto(sender, buffer.address(), 1, missing));
    SocketAddress tooLong = new UnixAbstractAddress("a".repeat(108));
    assertEquals(-Errno.ENAMETOOLONG, os.sendto(sender, buffer.address(), 1, tooLong));
    os.close(sender);
  }

  private static boolean isCloseOnExec(int fd) throws IOException {
    return (flags(fd) & 02000000) != 0;
  }

  /// The flags as proc_pid_fdinfo(5) has them, close-on-exec among them.
  private static int flags(int fd) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
        .filter(line -> line.startsWith("flags:"))
        .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
        .findFirst()
        .orElseThrow();
  }
}
