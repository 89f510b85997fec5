package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Lets one writer change several words so that readers, in whatever process, see all of the change
/// or nothing of it (Boehm, *Can seqlocks get along with programming language memory models?*,
/// 2012).
final class SequenceLock {
  /*
   * Overview: the sequence is odd while the writer writes. A reader believes what it has read if the
   * sequence was even before and is the same afterwards.
   *
   * Memory ordering: the writer's fence keeps its words behind the odd sequence, the release keeps them
   * before the even one. The reader's acquire keeps its reads behind its first look at the sequence, its
   * fence keeps them before the second. On x86 all of it is plain moves. The words may be accessed plain.
   *
   * Death of the writer: it may leave an odd sequence for ever, so a reader gives up after a while. The
   * next writer goes on from there.
   */

  private static final int SPINS = 100;
  private static final int PAUSES = 1000;
  private static final long PAUSE_NANOS = 200_000;
  private static final int MOST_LOOKS = 100_000;

  private SequenceLock() {}

  // ---- the writer ----

  static void begin(MemorySegment memory, long word) {
    int sequence = (int) INT.getOpaque(memory, word);
    INT.setOpaque(memory, word, (sequence + 1) | 1);
    VarHandle.storeStoreFence();
  }

  static void end(MemorySegment memory, long word) {
    INT.setRelease(memory, word, (int) INT.getOpaque(memory, word) + 1);
  }

  // ---- readers ----

  /// Before the words are read.
  ///
  /// @return what [#unchanged] wants
  static int look(MemorySegment memory, long word) {
    return (int) INT.getAcquire(memory, word);
  }

  /// Whether nobody has written since `look` was taken, nor did then.
  static boolean unchanged(MemorySegment memory, long word, int look) {
    VarHandle.loadLoadFence();
    return (look & 1) == 0 && (int) INT.getOpaque(memory, word) == look;
  }

  /// Reads until nobody has written meanwhile.
  ///
  /// @param words reads them, and bears whatever it finds
  /// @param torn what to take if the writer does not come to an end within some hundred
  ///   milliseconds: it was killed or stopped
  static <T> T read(MemorySegment memory, long word, Supplier<T> words, Supplier<T> torn) {
    int last = 0;
    int stuck = 0;
    for (int i = 0; i < MOST_LOOKS && stuck < SPINS + PAUSES; i++) {
      int look = look(memory, word);
      T found = words.get();
      if (unchanged(memory, word, look)) {
        return found;
      }
      stuck = look == last ? stuck + 1 : 0; // a writer that goes on is only in the way
      last = look;
      if (stuck < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return torn.get();
  }
}
