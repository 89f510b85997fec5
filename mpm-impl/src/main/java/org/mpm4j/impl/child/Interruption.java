package org.mpm4j.impl.child;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;

/// Something that happens once and ends every wait that watches for it: a flag, and a descriptor
/// that is readable from then on.
final class Interruption implements AutoCloseable {
  private final Syscalls os;
  private final int fd;

  // set once by any thread, before the descriptor becomes readable
  private volatile boolean raised;

  private Interruption(Syscalls os, int fd) {
    this.os = os;
    this.fd = fd;
  }

  static Interruption open(Syscalls os) throws IOException {
    int fd = os.eventfd();
    if (fd < 0) {
      throw Errno.exception("could not create an eventfd", fd);
    }
    return new Interruption(os, fd);
  }

  /// The descriptor to wait for; nobody reads it, so that it wakes everybody.
  int fd() {
    return fd;
  }

  boolean raised() {
    return raised;
  }

  /// Raises it. Any thread; idempotent.
  void raise() {
    raised = true;
    try (Arena arena = Arena.ofConfined()) {
      os.write(fd, arena.allocateFrom(ValueLayout.JAVA_LONG, 1).address(), Long.BYTES);
    }
  }

  /// Closes the descriptor when nobody waits for it and nobody will raise it.
  @Override
  public void close() {
    os.close(fd);
  }
}
