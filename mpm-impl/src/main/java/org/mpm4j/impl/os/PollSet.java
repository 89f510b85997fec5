package org.mpm4j.impl.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The array of `struct pollfd` that one [Syscalls#poll] takes.
///
/// It is used by one thread at a time, and closed only when no call is waiting on it. A new entry
/// watches nothing.
public final class PollSet implements AutoCloseable {
  /// `POLLIN`, bits/poll.h.
  public static final int POLLIN = 0x001;

  /// `POLLOUT`, bits/poll.h.
  public static final int POLLOUT = 0x004;

  /// `POLLERR`, bits/poll.h; reported whether asked for or not.
  public static final int POLLERR = 0x008;

  /// `POLLHUP`, bits/poll.h; reported whether asked for or not.
  public static final int POLLHUP = 0x010;

  /// `POLLNVAL`, bits/poll.h: the descriptor is not open; reported whether asked for or not.
  public static final int POLLNVAL = 0x020;

  /// `POLLRDHUP`, bits/poll.h.
  public static final int POLLRDHUP = 0x2000;

  // struct pollfd (poll.h): { int fd; short events; short revents; }
  private static final long SIZE = 8;
  private static final long EVENTS_OFFSET = 4;
  private static final long REVENTS_OFFSET = 6;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final long address;
  private final int count;

  /// Reserves `count` entries.
  public PollSet(int count) {
    if (count <= 0) {
      throw new IllegalArgumentException("count must be positive, was " + count);
    }
    this.count = count;
    this.memory = arena.allocate(count * SIZE, 8);
    this.address = memory.address();
    for (int i = 0; i < count; i++) {
      set(i, -1, 0);
    }
  }

  /// How many entries there are.
  public int count() {
    return count;
  }

  /// Watches a descriptor; a negative one makes the kernel skip the entry.
  public void set(int index, int fd, int events) {
    long offset = index * SIZE;
    memory.set(ValueLayout.JAVA_INT, offset, fd);
    memory.set(ValueLayout.JAVA_SHORT, offset + EVENTS_OFFSET, (short) events);
    memory.set(ValueLayout.JAVA_SHORT, offset + REVENTS_OFFSET, (short) 0);
  }

  /// The descriptor of an entry.
  public int fd(int index) {
    return memory.get(ValueLayout.JAVA_INT, index * SIZE);
  }

  /// The `POLL*` bits that the last poll found.
  public int revents(int index) {
    return memory.get(ValueLayout.JAVA_SHORT, index * SIZE + REVENTS_OFFSET) & 0xffff;
  }

  /// Where the array starts.
  long address() {
    return address;
  }

  /// Frees the memory. Calling it again does nothing.
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
