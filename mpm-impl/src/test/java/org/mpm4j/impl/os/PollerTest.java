package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.impl.os.FaultySyscalls.Call;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class PollerTest {
  private final FaultySyscalls os = new FaultySyscalls(Linux.open());
  private final NativeBuffer buffer = new NativeBuffer(64);

  @Test
  void reportsReadyDescriptors() throws IOException {
    int[] pair = pair();
    try (Poller poller = Poller.open(os, 8)) {
      assertEquals(0, poller.add(pair[0], Poller.EPOLLIN | Poller.EPOLLONESHOT, 5));
      assertEquals(0, poller.await(0));
      buffer.send(os, pair[1], "x");
      assertEquals(1, poller.await(-1));
      assertEquals(5, poller.data(0));
      assertEquals(Poller.EPOLLIN, poller.events(0));
      assertEquals(0, poller.await(0));
      assertEquals(0, poller.modify(pair[0], Poller.EPOLLIN | Poller.EPOLLONESHOT, 6));
      assertEquals(1, poller.await(-1));
      assertEquals(6, poller.data(0));
      assertEquals(0, poller.remove(pair[0]));
      assertEquals(-Errno.ENOENT, poller.remove(pair[0]));
    }
    close(pair);
  }

  @Test
  void wakeupEndsAnAwaitThatIsRunningOrTheNext() throws Exception {
    try (Poller poller = Poller.open(os, 8)) {
      poller.wakeup();
      assertEquals(0, poller.await(-1));
      for (int i = 0; i < 100; i++) {
        Thread waker = Thread.ofPlatform().start(poller::wakeup);
        assertEquals(0, poller.await(-1));
        waker.join();
      }
      assertEquals(0, poller.await(0));
    }
  }

  @Test
  void wakeupsShareOneWrite() throws IOException {
    try (Poller poller = Poller.open(os, 8)) {
      for (int i = 0; i < 10; i++) {
        poller.wakeup();
      }
      assertEquals(1, os.count(Call.WRITE));
      assertEquals(0, poller.await(-1));
      assertEquals(0, poller.await(0), "reported once");
      poller.wakeup();
      assertEquals(2, os.count(Call.WRITE));
      assertEquals(0, poller.await(-1));
      assertEquals(0, os.count(Call.READ));
    }
  }

  @Test
  void wakeupAmongReadyDescriptorsIsNotReported() throws IOException {
    for (int before = 0; before <= 3; before++) {
      List<int[]> pairs = new ArrayList<>();
      try (Poller poller = Poller.open(os, 8)) {
        for (int i = 0; i < 3; i++) {
          int[] pair = pair();
          pairs.add(pair);
          assertEquals(0, poller.add(pair[0], Poller.EPOLLIN, i));
          if (i == before) {
            poller.wakeup();
          }
          buffer.send(os, pair[1], "x");
        }
        if (before == 3) {
          poller.wakeup();
        }
        assertEquals(3, poller.await(-1));
        assertEquals(Set.of(0L, 1L, 2L), Set.of(poller.data(0), poller.data(1), poller.data(2)));
        assertEquals(Poller.EPOLLIN, poller.events(0) & poller.events(1) & poller.events(2));
      }
      pairs.forEach(this::close);
    }
  }

  @Test
  void moreReadyThanFitAreReportedInTurn() throws IOException {
    List<int[]> pairs = new ArrayList<>();
    try (Poller poller = Poller.open(os, 2)) {
      for (int i = 0; i < 5; i++) {
        int[] pair = pair();
        pairs.add(pair);
        assertEquals(0, poller.add(pair[0], Poller.EPOLLIN | Poller.EPOLLONESHOT, i));
        buffer.send(os, pair[1], "x");
      }
      poller.wakeup();
      Set<Long> seen = new HashSet<>();
      while (seen.size() < 5) {
        int ready = poller.await(-1);
        for (int i = 0; i < ready; i++) {
          assertTrue(seen.add(poller.data(i)));
        }
      }
    }
    pairs.forEach(this::close);
  }

  @Test
  void interruptedAwaitReportsNothing() throws IOException {
    try (Poller poller = Poller.open(os, 8)) {
      os.answer(Call.EPOLL_WAIT, -Errno.EINTR, -Errno.EBADF);
      assertEquals(0, poller.await(-1));
      assertEquals(-Errno.EBADF, poller.await(-1));
    }
  }

  @Test
  void interruptedWakeupIsRepeated() throws IOException {
    try (Poller poller = Poller.open(os, 8)) {
      os.answer(Call.WRITE, -Errno.EINTR, -Errno.EINTR);
      poller.wakeup();
      assertEquals(0, poller.await(-1));
    }
  }

  /// Workers hand over numbers and wake the poller up; it sleeps without a timeout whenever its
  /// queue is empty, so that one lost wake-up stops the test.
  @Test
  void noWakeupIsLost() throws Exception {
    int workers = 4;
    int each = 20_000;
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    AtomicInteger started = new AtomicInteger();
    try (Poller poller = Poller.open(os, 8)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  started.incrementAndGet();
                  for (int n = 0; n < each; n++) {
                    queue.add(n);
                    poller.wakeup();
                  }
                }));
      }
      int received = 0;
      while (received < workers * each) {
        assertEquals(0, poller.await(-1));
        while (queue.poll() != null) {
          received++;
        }
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertEquals(workers, started.get());
  }

  @Test
  void wakeupAfterCloseTouchesNoDescriptor() throws IOException {
    Poller poller = Poller.open(os, 8);
    poller.close();
    poller.close();
    poller.wakeup();
    assertEquals(0, os.count(Call.WRITE));
  }

  @Test
  void closeWaitsForAPendingWakeup() throws IOException {
    Poller poller = Poller.open(os, 8);
    poller.wakeup();
    poller.close();
    assertEquals(1, os.count(Call.EPOLL_WAIT));
  }

  @Test
  void failureToOpenLeaksNothing() {
    os.answer(Call.EPOLL_CREATE, -Errno.EMFILE);
    assertThrows(IOException.class, () -> Poller.open(os, 8));
    os.answer(Call.EVENTFD, -Errno.ENFILE);
    assertThrows(IOException.class, () -> Poller.open(os, 8));
    os.answer(Call.EPOLL_CTL, -Errno.ENOMEM);
    IOException e = assertThrows(IOException.class, () -> Poller.open(os, 8));
    assertTrue(String.valueOf(e.getMessage()).endsWith("ENOMEM: Cannot allocate memory"));
    assertTrue(os.played());
  }

  private int[] pair() {
    int[] pair = new int[2];
    assertEquals(0, os.socketpair(pair));
    return pair;
  }

  private void close(int[] pair) {
    os.close(pair[0]);
    os.close(pair[1]);
  }
}
