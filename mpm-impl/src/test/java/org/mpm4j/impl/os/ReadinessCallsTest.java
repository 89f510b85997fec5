package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class ReadinessCallsTest {
  private static final long DATA = 0x1234_5678_9abc_def0L;

  private final Linux os = Linux.open();
  private final NativeBuffer buffer = new NativeBuffer(64);
  private final int[] pair = new int[2];
  private int epoll;

  @BeforeEach
  void open() {
    assertEquals(0, os.socketpair(pair));
    epoll = os.epollCreate();
    assertTrue(epoll >= 0);
  }

  @AfterEach
  void close() {
    os.close(epoll);
    os.close(pair[0]);
    os.close(pair[1]);
  }

  @Test
  void epollReportsEventsAndData() {
    try (EpollEvents events = new EpollEvents(4)) {
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_ADD, pair[0], Poller.EPOLLIN, DATA));
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_ADD, pair[1], Poller.EPOLLOUT, -2));
      assertEquals(1, os.epollWait(epoll, events, 0));
      assertEquals(Poller.EPOLLOUT, events.events(0));
      assertEquals(-2, events.data(0));
      buffer.send(os, pair[1], "x");
      assertEquals(2, os.epollWait(epoll, events, 0));
      int first = events.data(0) == DATA ? 0 : 1;
      assertEquals(DATA, events.data(first));
      assertEquals(Poller.EPOLLIN, events.events(first));
      assertEquals(-2, events.data(1 - first));
    }
  }

  @Test
  void oneShotIsSilentUntilModified() {
    int interest = Poller.EPOLLIN | Poller.EPOLLRDHUP | Poller.EPOLLONESHOT;
    try (EpollEvents events = new EpollEvents(4)) {
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_ADD, pair[0], interest, 1));
      buffer.send(os, pair[1], "x");
      assertEquals(1, os.epollWait(epoll, events, 0));
      assertEquals(0, os.epollWait(epoll, events, 0));
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_MOD, pair[0], interest, 2));
      assertEquals(1, os.epollWait(epoll, events, 0));
      assertEquals(2, events.data(0));
      os.shutdown(pair[1], Syscalls.SHUT_WR);
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_MOD, pair[0], interest, 3));
      assertEquals(1, os.epollWait(epoll, events, 0));
      assertEquals(Poller.EPOLLIN | Poller.EPOLLRDHUP, events.events(0));
    }
  }

  @Test
  void exclusiveWatchesAListenerAndCannotBeModified() throws IOException {
    int interest = Poller.EPOLLIN | Poller.EPOLLEXCLUSIVE;
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    try (ListenSocket listener = ListenSocket.bind(os, any, 8, false, 0, 0);
        EpollEvents events = new EpollEvents(4)) {
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_ADD, listener.fd(), interest, 7));
      assertEquals(0, os.epollWait(epoll, events, 0));
      int client = os.socket(Syscalls.AF_INET);
      assertEquals(0, os.connect(client, listener.localAddress()));
      assertEquals(1, os.epollWait(epoll, events, 10_000));
      assertEquals(7, events.data(0));
      assertEquals(-Errno.EINVAL, ctl(Syscalls.EPOLL_CTL_MOD, listener.fd(), interest, 8));
      assertEquals(0, ctl(Syscalls.EPOLL_CTL_DEL, listener.fd(), 0, 0));
      assertEquals(0, os.epollWait(epoll, events, 0));
      os.close(client);
    }
  }

  @Test
  void epollReportsErrors() {
    assertEquals(-Errno.ENOENT, ctl(Syscalls.EPOLL_CTL_MOD, pair[0], Poller.EPOLLIN, 0));
    assertEquals(-Errno.EBADF, ctl(Syscalls.EPOLL_CTL_ADD, -1, Poller.EPOLLIN, 0));
    assertEquals(0, ctl(Syscalls.EPOLL_CTL_ADD, pair[0], Poller.EPOLLIN, 0));
    assertEquals(-Errno.EEXIST, ctl(Syscalls.EPOLL_CTL_ADD, pair[0], Poller.EPOLLIN, 0));
  }

  @Test
  void pollWaitsForTheTimeAsked() {
    try (PollSet set = new PollSet(3)) {
      set.set(0, pair[0], PollSet.POLLIN);
      long start = System.nanoTime();
      assertEquals(0, os.poll(set, 30));
      assertTrue(System.nanoTime() - start >= 29_000_000, "waited");
      assertEquals(0, set.revents(0));
    }
  }

  @Test
  void pollReportsEachDescriptor() {
    try (PollSet set = new PollSet(3)) {
      set.set(0, pair[0], PollSet.POLLIN | PollSet.POLLRDHUP);
      set.set(2, pair[1], PollSet.POLLOUT);
      buffer.send(os, pair[1], "x");
      os.shutdown(pair[1], Syscalls.SHUT_WR);
      assertEquals(2, os.poll(set, 10_000));
      assertEquals(PollSet.POLLIN | PollSet.POLLRDHUP, set.revents(0));
      assertEquals(0, set.revents(1), "an entry without a descriptor");
      assertEquals(PollSet.POLLOUT, set.revents(2));
      assertEquals(pair[1], set.fd(2));
      set.set(1, 9999, 0);
      assertEquals(3, os.poll(set, 10_000));
      assertEquals(PollSet.POLLNVAL, set.revents(1));
      assertThrows(IndexOutOfBoundsException.class, () -> set.revents(3));
    }
  }

  @Test
  void eventfdCountsWrites() {
    int eventfd = os.eventfd();
    NativeBuffer one = new NativeBuffer(8);
    assertEquals(-Errno.EAGAIN, os.read(eventfd, one.address(), 8));
    one.put("\u0001");
    assertEquals(8, os.write(eventfd, one.address(), 8));
    assertEquals(8, os.write(eventfd, one.address(), 8));
    assertEquals(8, os.read(eventfd, buffer.address(), 8));
    assertEquals("\u0002", buffer.text(1));
    assertEquals(-Errno.EAGAIN, os.read(eventfd, one.address(), 8));
    os.close(eventfd);
  }

  private int ctl(int op, int fd, int events, long data) {
    return os.epollCtl(epoll, op, fd, events, data);
  }
}
