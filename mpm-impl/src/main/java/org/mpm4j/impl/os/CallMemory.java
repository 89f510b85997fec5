package org.mpm4j.impl.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The native memory that one thread's calls use: where errno is captured, and room for the small
/// structures that calls take and return by pointer.
///
/// It lives as long as its thread. What a call leaves here is valid until the thread's next call.
final class CallMemory {
  /*
   *   0        8              24            32               160
   *   | errno  | epoll_event  | off_t etc.  | sockaddr       | socklen_t |
   */
  private static final long EVENT = 8;
  static final long WORD = 24;
  static final long ADDRESS = 32;
  static final long ADDRESS_SIZE = 128; // sizeof(struct sockaddr_storage), bits/socket.h
  static final long ADDRESS_LENGTH = ADDRESS + ADDRESS_SIZE;
  private static final long SIZE = ADDRESS_LENGTH + 8;

  // PATH_MAX, linux/limits.h, with the closing NUL
  private static final int PATH_MAX = 4096;

  private static final ThreadLocal<CallMemory> CURRENT = ThreadLocal.withInitial(CallMemory::new);

  private final MemorySegment all = Arena.ofAuto().allocate(SIZE, 16);
  private final MemorySegment state = all.asSlice(0, Linker.Option.captureStateLayout());
  private final long address = all.address();
  private MemorySegment path = MemorySegment.NULL;

  /// This thread's own.
  static CallMemory current() {
    return CURRENT.get();
  }

  /// Where the linker captures errno.
  MemorySegment state() {
    return state;
  }

  /// What the last call that failed left in errno.
  int errno() {
    return state.get(ValueLayout.JAVA_INT, 0); // the layout on Linux is errno alone
  }

  /// The whole block, for whoever fills in or reads a structure.
  MemorySegment all() {
    return all;
  }

  /// The native address of an offset in the block.
  long at(long offset) {
    return address + offset;
  }

  /// Stores an event and returns its native address.
  long event(int events, long data) {
    EpollEvents.put(all, EVENT, events, data);
    return address + EVENT;
  }

  /// Stores a 64-bit word and returns its native address.
  long word(long value) {
    all.set(ValueLayout.JAVA_LONG, WORD, value);
    return address + WORD;
  }

  /// Stores a path and returns its native address, or a negated errno: addresses are positive.
  long path(String text) {
    if (text.indexOf('\0') >= 0) {
      return -Errno.EINVAL;
    }
    // a char is at most three bytes of UTF-8: count exactly only where that could be too much
    if (text.length() >= PATH_MAX / 3 && text.getBytes(StandardCharsets.UTF_8).length >= PATH_MAX) {
      return -Errno.ENAMETOOLONG;
    }
    if (path.equals(MemorySegment.NULL)) {
      path = Arena.ofAuto().allocate(PATH_MAX);
    }
    path.setString(0, text);
    return path.address();
  }
}
