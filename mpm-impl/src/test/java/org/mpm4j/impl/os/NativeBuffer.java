package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// A piece of native memory that tests send from and receive into.
final class NativeBuffer {
  private final MemorySegment memory;

  NativeBuffer(int size) {
    memory = Arena.global().allocate(size);
  }

  long address() {
    return memory.address();
  }

  int size() {
    return (int) memory.byteSize();
  }

  int put(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return bytes.length;
  }

  String text(int length) {
    byte[] bytes = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  void send(Syscalls os, int fd, String text) {
    int length = put(text);
    assertTrue(os.send(fd, address(), length, false) == length, "sent all of " + text);
  }

  /// Receives one piece from a blocking socket.
  String receive(Syscalls os, int fd) {
    int received = os.recv(fd, address(), size());
    assertTrue(received >= 0, () -> Errno.message(received));
    return text(received);
  }

  /// Receives until the other end closes.
  String receiveAll(Syscalls os, int fd) {
    StringBuilder all = new StringBuilder();
    while (true) {
      String piece = receive(os, fd);
      if (piece.isEmpty()) {
        return all.toString();
      }
      all.append(piece);
    }
  }
}
