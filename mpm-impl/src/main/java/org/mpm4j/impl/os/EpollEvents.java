package org.mpm4j.impl.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The array of `struct epoll_event` that one [Syscalls#epollWait] fills.
///
/// It is used by one thread at a time, and closed only when no call is waiting on it.
public final class EpollEvents implements AutoCloseable {
  /*
   * struct epoll_event (sys/epoll.h) is { uint32_t events; uint64_t data; }, declared packed on x86-64
   * only, so that 32-bit programs see the same layout:
   *
   *            0        4        8        12       16
   *   x86-64   | events | data            |
   *   others   | events | unused | data            |
   */
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
  static final long DATA_OFFSET = PACKED ? 4 : 8;
  static final long SIZE = DATA_OFFSET + 8;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final long address;
  private final int capacity;

  /// Reserves room for `capacity` events.
  public EpollEvents(int capacity) {
    if (capacity <= 0) {
      throw new IllegalArgumentException("capacity must be positive, was " + capacity);
    }
    this.capacity = capacity;
    this.memory = arena.allocate(capacity * SIZE, 16);
    this.address = memory.address();
  }

  /// How many events fit.
  public int capacity() {
    return capacity;
  }

  /// The data that the ready descriptor was added with.
  public long data(int i) {
    return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, i * SIZE + DATA_OFFSET);
  }

  /// The `EPOLL*` bits that are ready.
  public int events(int i) {
    return memory.get(ValueLayout.JAVA_INT_UNALIGNED, i * SIZE);
  }

  /// Fills in one event, as the kernel would; for fakes.
  public void set(int i, int events, long data) {
    put(memory, i * SIZE, events, data);
  }

  static void put(MemorySegment memory, long offset, int events, long data) {
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset, events);
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset + DATA_OFFSET, data);
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
