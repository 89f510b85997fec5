package org.mpm4j.impl.scoreboard;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// What the readers of the scoreboard rely on in [SequenceLock].
public final class SequenceLockStressTest {
  private static final long SEQUENCE = 0;
  private static final long FIRST = 8;
  private static final long SECOND = 16;
  private static final int DISTURBED = -1;

  private SequenceLockStressTest() {}

  private static int get(MemorySegment memory, long word) {
    return (int) ScoreboardLayout.INT.get(memory, word);
  }

  private static void set(MemorySegment memory, long word, int value) {
    ScoreboardLayout.INT.set(memory, word, value);
  }

  /// A reader that was not disturbed has both words of one write.
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The reader came before the writer.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The reader came behind the first write.")
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "The reader came behind the second write.")
  @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "The reader was disturbed and knows it.")
  @Outcome(expect = FORBIDDEN, desc = "The reader believes words of two writes: a torn record.")
  @State
  public static class Locked {
    private final MemorySegment memory = Arena.ofAuto().allocate(24, 8);

    @Actor
    public void writer() {
      for (int value = 1; value <= 2; value++) {
        SequenceLock.begin(memory, SEQUENCE);
        set(memory, FIRST, value);
        set(memory, SECOND, value);
        SequenceLock.end(memory, SEQUENCE);
      }
    }

    @Actor
    public void reader(II_Result read) {
      int look = SequenceLock.look(memory, SEQUENCE);
      int first = get(memory, FIRST);
      int second = get(memory, SECOND);
      boolean believed = SequenceLock.unchanged(memory, SEQUENCE, look);
      read.r1 = believed ? first : DISTURBED;
      read.r2 = believed ? second : DISTURBED;
    }
  }

  /// Weakened: a reader that does not look at the sequence.
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1", "2, 2"},
      expect = ACCEPTABLE,
      desc = "The reader was lucky.")
  @Outcome(
      expect = ACCEPTABLE_INTERESTING,
      desc = "The reader believes words of two writes, which is what the lock is for.")
  @State
  public static class WeakenedLocked {
    private final MemorySegment memory = Arena.ofAuto().allocate(24, 8);

    @Actor
    public void writer() {
      for (int value = 1; value <= 2; value++) {
        SequenceLock.begin(memory, SEQUENCE);
        set(memory, FIRST, value);
        set(memory, SECOND, value);
        SequenceLock.end(memory, SEQUENCE);
      }
    }

    @Actor
    public void reader(II_Result read) {
      read.r1 = get(memory, FIRST);
      read.r2 = get(memory, SECOND);
    }
  }

  /// The protocol alone, on volatile words.
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1", "2, 2", "-1, -1"},
      expect = ACCEPTABLE,
      desc = "The reader has both words of one write, or knows that it was disturbed.")
  @Outcome(expect = FORBIDDEN, desc = "The reader believes words of two writes: a torn record.")
  @State
  public static class LockedModel {
    private final AtomicInteger sequence = new AtomicInteger();
    private volatile int first;
    private volatile int second;

    @Actor
    public void writer() {
      for (int value = 1; value <= 2; value++) {
        sequence.incrementAndGet();
        first = value;
        second = value;
        sequence.incrementAndGet();
      }
    }

    @Actor
    public void reader(II_Result read) {
      int look = sequence.get();
      int one = first;
      int two = second;
      boolean believed = look % 2 == 0 && sequence.get() == look;
      read.r1 = believed ? one : DISTURBED;
      read.r2 = believed ? two : DISTURBED;
    }
  }
}
