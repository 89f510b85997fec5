package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.mpm4j.MpmStatus.Counters;

/// [Counters] as words, one after the other. Each has one writer and only grows; access is opaque.
final class CounterWords {
  static final int ACCESSES = 0;
  static final int BYTES = 1;
  static final int BUSY_NANOS = 2;
  static final int ACCEPTED = 3;
  static final int REUSED = 4;
  static final int KEEP_ALIVE_TIMEOUTS = 5;
  static final int READ_TIMEOUTS = 6;
  static final int WRITE_TIMEOUTS = 7;
  static final int REJECTED = 8;
  private static final int COUNT = 9;

  /// Bytes that they take.
  static final long SIZE = COUNT * (long) Long.BYTES;

  private CounterWords() {}

  static void add(MemorySegment memory, long offset, int counter, long more) {
    LONG.setOpaque(
        memory, offset + counter * (long) Long.BYTES, get(memory, offset, counter) + more);
  }

  private static long get(MemorySegment memory, long offset, int counter) {
    return (long) LONG.getOpaque(memory, offset + counter * (long) Long.BYTES);
  }

  /// Adds all that is at `from` to what is at `to`.
  static void addAll(MemorySegment memory, long to, long from) {
    for (int counter = 0; counter < COUNT; counter++) {
      add(memory, to, counter, get(memory, from, counter));
    }
  }

  static Counters read(MemorySegment memory, long offset) {
    return new Counters(
        get(memory, offset, ACCESSES),
        get(memory, offset, BYTES),
        Duration.ofNanos(get(memory, offset, BUSY_NANOS)),
        get(memory, offset, ACCEPTED),
        get(memory, offset, REUSED),
        get(memory, offset, KEEP_ALIVE_TIMEOUTS),
        get(memory, offset, READ_TIMEOUTS),
        get(memory, offset, WRITE_TIMEOUTS),
        get(memory, offset, REJECTED));
  }
}
