package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.OpenDescriptors;
import org.mpm4j.impl.os.Syscalls;

/// Descriptors that a hosted server is given: private copies, of which each can be closed alone.
@Timeout(120)
@ExtendWith(OpenDescriptors.class)
final class HostedListenerTest {
  private static final int O_CLOEXEC = 02000000; // bits/fcntl-linux.h

  private final Syscalls os = Linux.open();

  @BeforeAll
  static void letTheJdkOpenItsOwn() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 1, loopback);
        Socket client = new Socket(loopback, server.getLocalPort())) {
      assertTrue(client.isConnected()); // what its first close opens stays open
    }
  }

  private ListenSocket bind() throws IOException {
    return ListenSocket.bind(
        os, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8, false, 0, 0);
  }

  private boolean listens(int fd) {
    return os.getsockopt(fd, Syscalls.SOL_SOCKET, Syscalls.SO_ACCEPTCONN) == 1;
  }

  private static int flags(int fd) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
      if (line.startsWith("flags:")) {
        return Integer.parseInt(line.substring("flags:".length()).strip(), 8);
      }
    }
    throw new IOException("no flags of descriptor " + fd);
  }

  @Test
  void descriptorsAreClosedInNewProgramsAndNoStandardStreams() throws IOException {
    try (ListenSocket socket = bind()) {
      HostedListener listener = new HostedListener(os, socket.fd(), socket.localAddress());
      int one = listener.openDescriptor();
      int other = listener.openDescriptor();
      assertNotEquals(one, other);
      for (int fd : new int[] {one, other}) {
        assertTrue(fd >= 3, "descriptor " + fd);
        assertEquals(O_CLOEXEC, flags(fd) & O_CLOEXEC);
        assertEquals(socket.localAddress(), os.getsockname(fd));
        assertEquals(1, os.nonBlocking(fd));
        assertEquals(0, os.close(fd));
      }
    }
  }

  @Test
  void closingADescriptorLeavesTheOthersListening() throws IOException {
    try (ListenSocket socket = bind();
        ListenSocket second = bind()) {
      HostedListener listener = new HostedListener(os, socket.fd(), socket.localAddress());
      HostedListener elsewhere = new HostedListener(os, second.fd(), second.localAddress());
      int closed = listener.openDescriptor();
      int kept = listener.openDescriptor();
      int foreign = elsewhere.openDescriptor();
      assertEquals(0, os.close(closed));
      assertTrue(listens(kept));
      assertTrue(listens(socket.fd())); // what a sibling has, as far as the kernel is concerned
      assertTrue(listens(foreign));
      InetSocketAddress address = (InetSocketAddress) socket.localAddress();
      try (Socket client = new Socket(address.getAddress(), address.getPort())) {
        int accepted = os.accept4(kept);
        assertTrue(accepted >= 0, client + ": " + accepted);
        assertEquals(0, os.close(accepted));
      }
      assertEquals(0, os.close(kept));
      assertEquals(0, os.close(foreign));
    }
  }

  @Test
  void knowsWhetherACopyIsOpen() throws IOException {
    try (ListenSocket socket = bind();
        ListenSocket second = bind()) {
      HostedListener listener = new HostedListener(os, socket.fd(), socket.localAddress());
      assertFalse(listener.everOpened());
      assertFalse(listener.open());
      int one = listener.openDescriptor();
      int other = listener.openDescriptor();
      assertTrue(listener.everOpened());
      os.close(one);
      assertTrue(listener.open());
      os.close(other);
      int reused = os.fcntlDupFd(second.fd(), other);
      assertEquals(other, reused); // the number now stands for another listening socket
      assertFalse(listener.open());
      assertTrue(listener.everOpened());
      os.close(reused);
    }
  }
}
