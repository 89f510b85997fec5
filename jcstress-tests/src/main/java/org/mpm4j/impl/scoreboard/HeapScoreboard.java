package org.mpm4j.impl.scoreboard;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A scoreboard that is garbage when a test has done with it, so that millions may follow each
/// other.
public final class HeapScoreboard {
  private HeapScoreboard() {}

  /// An empty one, for one process with one worker and event's one more thread.
  public static Scoreboard open() {
    return new Scoreboard(Arena.global(), memory(), 1, 1);
  }

  private static MemorySegment memory() {
    return MemorySegment.ofArray(new long[(int) (ScoreboardLayout.size(1, 1) / Long.BYTES)]);
  }
}
