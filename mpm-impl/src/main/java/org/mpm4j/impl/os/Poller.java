package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/// One epoll set, and a way to wake the thread that waits on it.
///
/// Any thread may add, modify, remove and wake up. One thread at a time awaits and reads the
/// entries; the role may pass from thread to thread, over a happens-before edge.
public final class Poller implements AutoCloseable {
  /*
   * Overview: beside the caller's descriptors the set holds an eventfd, edge-triggered, so that each
   * write to it is reported once and its counter never needs to be read. wakeupPending is true from
   * before the write until the waiting thread has taken that report out of the entries; while it is
   * true nobody writes again. So at most one write is in flight, however many threads call wakeup.
   *
   * Memory ordering: a thread publishes its work (to a queue, say), then calls wakeup(); the waiting
   * thread returns from await, then looks at the queue. Two cases. (1) wakeup's getAndSet read false:
   * it writes, and await returns later; the getAndSet(false) in await comes after it. (2) It read true:
   * an earlier wake-up has not been taken out yet, so the getAndSet(false) that takes it out comes after
   * this one in the order of the variable. Either way the set to true synchronizes with that
   * getAndSet(false), so the work is visible to the look at the queue that follows, by whatever means
   * it was published. This needs wakeup to *write* even where the flag is true already: a
   * compareAndSet, or a look before the set, would lose case (2) for queues that publish with less
   * than volatile. No wake-up is lost, and one that finds the thread awake costs no system call when
   * another is pending.
   *
   * Shutdown: close() sets the flag for good, so that no later wakeup writes. If it was set already, a
   * write has happened or is about to; close waits for its report, lest the write hit another file that
   * has been given the descriptor's number. Call close when no thread is in await or will be.
   */

  /// Readable, or the peer has closed; sys/epoll.h.
  public static final int EPOLLIN = 0x001;

  /// Writable; sys/epoll.h.
  public static final int EPOLLOUT = 0x004;

  /// Error; reported whether asked for or not; sys/epoll.h.
  public static final int EPOLLERR = 0x008;

  /// Both directions are closed; reported whether asked for or not; sys/epoll.h.
  public static final int EPOLLHUP = 0x010;

  /// The peer has closed its sending direction; sys/epoll.h.
  public static final int EPOLLRDHUP = 0x2000;

  /// Wake one of the sets that wait for this descriptor, not all; only with add; sys/epoll.h.
  public static final int EPOLLEXCLUSIVE = 1 << 28;

  /// Report once, then stay silent until modified; sys/epoll.h.
  public static final int EPOLLONESHOT = 1 << 30;

  /// Report changes only; sys/epoll.h.
  public static final int EPOLLET = 1 << 31;

  /// The data that callers cannot use: it marks the wake-up's entry.
  public static final long WAKEUP_DATA = Long.MIN_VALUE;

  // how long close() waits for the last wake-up's report, in all 1 s
  private static final int CLOSE_ROUNDS = 10;
  private static final int CLOSE_ROUND_MILLIS = 100;

  // what a wake-up writes: the eventfd counts it, nobody reads the count
  private static final long ONE = one().address();

  private final Syscalls os;
  private final int epfd;
  private final int eventfd;

  // set by any thread, cleared by the thread that awaits
  private final AtomicBoolean wakeupPending = new AtomicBoolean();

  // only the thread that awaits
  private final EpollEvents entries;

  // only the thread that closes
  private boolean closed;

  /// @param entries the poller's from now on
  Poller(Syscalls os, int epfd, int eventfd, EpollEvents entries) {
    this.os = os;
    this.epfd = epfd;
    this.eventfd = eventfd;
    this.entries = entries;
  }

  private static MemorySegment one() {
    return Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1);
  }

  /// Creates an empty set.
  ///
  /// @param capacity how many entries one await reports at most; the rest are reported by the next
  /// @throws IOException if descriptors or kernel memory are exhausted
  public static Poller open(Syscalls os, int capacity) throws IOException {
    int epfd = os.epollCreate();
    if (epfd < 0) {
      throw Errno.exception("could not create an epoll set", epfd);
    }
    int eventfd = os.eventfd();
    if (eventfd < 0) {
      os.close(epfd);
      throw Errno.exception("could not create an eventfd", eventfd);
    }
    int added = os.epollCtl(epfd, Syscalls.EPOLL_CTL_ADD, eventfd, EPOLLIN | EPOLLET, WAKEUP_DATA);
    if (added < 0) {
      os.close(eventfd);
      os.close(epfd);
      throw Errno.exception("could not add an eventfd to an epoll set", added);
    }
    return new Poller(os, epfd, eventfd, new EpollEvents(capacity));
  }

  /// Starts to watch a descriptor.
  ///
  /// @param data comes back from [#data]; anything but [#WAKEUP_DATA]
  /// @return 0 or a negated errno
  public int add(int fd, int events, long data) {
    assert data != WAKEUP_DATA : "data marks the wake-up";
    return os.epollCtl(epfd, Syscalls.EPOLL_CTL_ADD, fd, events, data);
  }

  /// Changes what is watched for, and re-arms a one-shot descriptor.
  ///
  /// @return 0 or a negated errno
  public int modify(int fd, int events, long data) {
    assert data != WAKEUP_DATA : "data marks the wake-up";
    return os.epollCtl(epfd, Syscalls.EPOLL_CTL_MOD, fd, events, data);
  }

  /// Stops to watch a descriptor. Needed before a close only if another descriptor, here or in
  /// another process, refers to the same open file.
  ///
  /// @return 0 or a negated errno
  public int remove(int fd) {
    return os.epollCtl(epfd, Syscalls.EPOLL_CTL_DEL, fd, 0, 0);
  }

  /// Waits until a descriptor is ready, a wake-up comes, a signal interrupts or the time is over.
  /// Work published before the wake-up is visible when this returns.
  ///
  /// @param timeoutMillis 0 to look only, -1 to wait without limit
  /// @return the number of ready entries, without the wake-up's; 0 also when interrupted; otherwise
  ///   a negated errno
  public int await(int timeoutMillis) {
    int ready = os.epollWait(epfd, entries, timeoutMillis);
    if (ready < 0) {
      return ready == -Errno.EINTR ? 0 : ready;
    }
    // a report can only be there if the flag is up: it is raised before the write
    if (wakeupPending.get() && takeWakeup(ready)) {
      wakeupPending.getAndSet(false);
      return ready - 1;
    }
    return ready;
  }

  /// Takes the wake-up's entry out, and moves the last one into its place.
  private boolean takeWakeup(int ready) {
    for (int i = 0; i < ready; i++) {
      if (entries.data(i) == WAKEUP_DATA) {
        int last = ready - 1;
        entries.set(i, entries.events(last), entries.data(last));
        return true;
      }
    }
    return false;
  }

  /// The data that ready entry `i` was added with.
  public long data(int i) {
    return entries.data(i);
  }

  /// What ready entry `i` is ready for.
  public int events(int i) {
    return entries.events(i);
  }

  /// Makes the current await return, or the next one if none is running. Any thread; after close it
  /// does nothing.
  public void wakeup() {
    if (!wakeupPending.getAndSet(true)) {
      int written;
      do {
        written = os.write(eventfd, ONE, Long.BYTES);
      } while (written == -Errno.EINTR);
    }
  }

  /// Closes the set; the descriptors in it stay open. Idempotent. No thread may be in await.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean writeInFlight = wakeupPending.getAndSet(true);
    for (int i = 0; writeInFlight && i < CLOSE_ROUNDS; i++) {
      writeInFlight = !takeWakeup(os.epollWait(epfd, entries, CLOSE_ROUND_MILLIS));
    }
    if (!writeInFlight) {
      os.close(eventfd); // otherwise better one descriptor lost than a write into a stranger's file
    }
    os.close(epfd);
    entries.close();
  }
}
