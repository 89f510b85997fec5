package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// A text of bounded size in the scoreboard: its length in bytes, then the bytes. Under a sequence
/// lock.
final class Text {
  private Text() {}

  /// How many bytes there is room for.
  static int room(int size) {
    return size - Integer.BYTES;
  }

  /// Writes as much of it as there is room for, in UTF-8.
  static void write(MemorySegment memory, long offset, int size, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = bytes.length;
    if (length > room(size)) {
      length = room(size);
      while (length > 0 && (bytes[length] & 0xC0) == 0x80) { // do not cut a character in two
        length--;
      }
    }
    write(memory, offset, size, bytes, length);
  }

  /// Writes as many of the bytes as there is room for.
  static void write(MemorySegment memory, long offset, int size, byte[] bytes, int length) {
    int count = Math.min(length, room(size));
    INT.set(memory, offset, count);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset + Integer.BYTES, count);
  }

  /// Reads it, whatever it is: what no character is comes out as U+FFFD.
  static String read(MemorySegment memory, long offset, int size) {
    byte[] bytes = new byte[Math.clamp((int) INT.get(memory, offset), 0, room(size))];
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, offset + Integer.BYTES, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
