package org.mpm4j.impl.supervisor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;

/// What a child prints until it is ready: passed on to standard error as it comes, its end kept for
/// whoever asks why the child failed. One thread; it owns its descriptor.
final class StartOutput implements AutoCloseable {
  private static final int KEPT = 8 * 1024;
  private static final int STANDARD_ERROR = 2;

  private final Syscalls os;
  private final int fd;
  private byte[] kept = new byte[0];
  private boolean closed;

  /// @param fd the end of a pipe to read from, non-blocking
  StartOutput(Syscalls os, int fd) {
    this.os = os;
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /// Takes what has come; does not wait.
  ///
  /// @return false when nobody will write any more
  boolean relay() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(KEPT);
      while (!closed) {
        int n = os.read(fd, buffer.address(), KEPT);
        if (n <= 0) {
          return n == -Errno.EAGAIN;
        }
        var _ = os.write(STANDARD_ERROR, buffer.address(), n); // if that fails, nobody listens
        keep(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
      }
      return false;
    }
  }

  private void keep(byte[] more) {
    byte[] all = Arrays.copyOf(kept, kept.length + more.length);
    System.arraycopy(more, 0, all, kept.length, more.length);
    kept = all.length <= KEPT ? all : Arrays.copyOfRange(all, all.length - KEPT, all.length);
  }

  /// The end of what was printed.
  String last() {
    return new String(kept, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      os.close(fd);
    }
  }
}
