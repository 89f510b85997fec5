package org.mpm4j.impl.scoreboard;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.charset.StandardCharsets;
import org.mpm4j.MpmStatus;
import org.mpm4j.WorkerStatus;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/// Readers of the scoreboard's records while they are written.
public final class ProcessScoreStressTest {
  private static final int FIRST_PID = 11;
  private static final int SECOND_PID = 22;
  private static final int COUNTED = 5;

  private ProcessScoreStressTest() {}

  /// A slot whose process has counted, and was reaped.
  static class Reaped {
    final Scoreboard scoreboard = HeapScoreboard.open();
    final ProcessScore slot = scoreboard.process(0);

    Reaped() {
      scoreboard.slotsInUse(1);
      slot.assign(FIRST_PID, 1, 1, 1);
      slot.threadStarted(0);
      WorkerScore worker = slot.worker(0);
      worker.status(WorkerStatus.READY);
      for (int i = 0; i < COUNTED; i++) {
        worker.countAccess(false);
      }
    }
  }

  private static String describe(ProcessScore.Seen seen) {
    String process =
        seen.child()
            .map(child -> "process " + child.id().pid() + " with " + child.counters().accesses())
            .orElse("none");
    return process + ", " + seen.counters().accesses() + " in all";
  }

  /// The supervisor takes the slot of a dead child back and gives it to another process.
  @JCStressTest
  @Outcome(
      id = "process 11 with 5, 5 in all",
      expect = ACCEPTABLE,
      desc = "The reader came before the slot was taken back.")
  @Outcome(
      id = "none, 5 in all",
      expect = ACCEPTABLE,
      desc = "The slot was free, and what its process had counted was kept.")
  @Outcome(
      id = "process 22 with 0, 5 in all",
      expect = ACCEPTABLE,
      desc = "The reader came after the slot was given away.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A sum went down or was counted twice, or a process bears what another has counted.")
  @State
  public static class SlotGivenAway extends Reaped {
    @Actor
    public void supervisor() {
      slot.free("");
      slot.assign(SECOND_PID, 2, 1, 2);
    }

    @Actor
    public void reader(L_Result read) {
      read.r1 = describe(slot.read(2));
    }
  }

  /// Weakened: the reader adds the counters without the lock.
  @JCStressTest
  @Outcome(id = "5", expect = ACCEPTABLE, desc = "They did not meet.")
  @Outcome(
      expect = ACCEPTABLE_INTERESTING,
      desc = "What was counted is missing, or there twice, which is what the lock is for.")
  @State
  public static class WeakenedSum extends Reaped {
    @Actor
    public void supervisor() {
      slot.free("");
    }

    @Actor
    public void reader(I_Result sum) {
      long former =
          CounterWords.read(
                  scoreboard.memory(),
                  ScoreboardLayout.processOffset(0) + ScoreboardLayout.FORMER_OFFSET)
              .accesses();
      sum.r1 = (int) (former + slot.worker(0).counters().accesses());
    }
  }

  /// A worker counts while somebody reads twice.
  @JCStressTest
  @Outcome(
      id = {"0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2"},
      expect = ACCEPTABLE,
      desc = "The second look found as much as the first, or more.")
  @Outcome(expect = FORBIDDEN, desc = "A counter went down.")
  @State
  public static class CountedWhileRead {
    private final WorkerScore worker = HeapScoreboard.open().worker(0, 0);

    @Actor
    public void worker() {
      worker.countAccess(false);
      worker.countAccess(false);
    }

    @Actor
    public void reader(II_Result read) {
      read.r1 = (int) worker.counters().accesses();
      read.r2 = (int) worker.counters().accesses();
    }
  }

  /// A worker begins an exchange, says what it is about, and begins one of another client.
  @JCStressTest
  @Outcome(
      id = {"none, none", "ada, none", "ada, GET /ada", "bob, none"},
      expect = ACCEPTABLE,
      desc = "Client and request belong together.")
  @Outcome(expect = FORBIDDEN, desc = "A request is shown as another client's, or torn.")
  @State
  public static class ExchangeWhileRead {
    private static final byte[] ADA = "ada".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BOB = "bob".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST = "GET /ada".getBytes(StandardCharsets.US_ASCII);

    private final WorkerScore worker = HeapScoreboard.open().worker(0, 0);

    @Actor
    public void worker() {
      worker.begin(1, ADA);
      worker.request(REQUEST, REQUEST.length);
      worker.begin(2, BOB);
    }

    @Actor
    public void reader(LL_Result read) {
      MpmStatus.Worker seen = worker.read(WorkerStatus.BUSY_WRITE, MpmStatus.Counters.NONE, 3);
      read.r1 = seen.client().isEmpty() ? "none" : seen.client();
      read.r2 = seen.request().isEmpty() ? "none" : seen.request();
    }
  }

  /// Two threads of a child count connections that come and go.
  @JCStressTest
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "Every change was counted.")
  @Outcome(expect = FORBIDDEN, desc = "A change was lost.")
  @State
  public static class ConnectionsCounted {
    private final ProcessScore slot = HeapScoreboard.open().process(0);

    @Actor
    public void worker1() {
      slot.addConnections(2);
      slot.addParked(Parked.KEEP_ALIVE, 1);
      slot.addConnections(-1);
    }

    @Actor
    public void worker2() {
      slot.addConnections(1);
      slot.addParked(Parked.KEEP_ALIVE, 1);
      slot.addParked(Parked.KEEP_ALIVE, -1);
    }

    @Arbiter
    public void counted(II_Result count) {
      count.r1 = slot.connections();
      count.r2 = slot.parked(Parked.KEEP_ALIVE);
    }
  }

  /// The supervisor gives away a slot beyond those in use.
  @JCStressTest
  @Outcome(
      id = {"FREE, 0", "FREE, 1", "STARTING, 1"},
      expect = ACCEPTABLE,
      desc = "Whoever sees the slot's process finds it among the slots in use.")
  @Outcome(expect = FORBIDDEN, desc = "A process is there that a look at all slots misses.")
  @State
  public static class SlotsInUse {
    private final Scoreboard scoreboard = HeapScoreboard.open();

    @Actor
    public void supervisor() {
      scoreboard.slotsInUse(1);
      scoreboard.process(0).assign(FIRST_PID, 1, 1, 1);
    }

    @Actor
    public void reader(LL_Result read) {
      read.r1 = scoreboard.process(0).state();
      read.r2 = scoreboard.slotsInUse();
    }
  }

  /// A child starts a thread, which becomes busy.
  @JCStressTest
  @Outcome(
      id = {"DEAD, 0", "DEAD, 1", "BUSY_WRITE, 1"},
      expect = ACCEPTABLE,
      desc = "A scan that begins when a worker is busy finds it.")
  @Outcome(expect = FORBIDDEN, desc = "A busy worker is outside of what is scanned.")
  @State
  public static class ThreadStarted {
    private final ProcessScore slot = HeapScoreboard.open().process(0);

    @Actor
    public void child() {
      slot.threadStarted(0);
      slot.worker(0).status(WorkerStatus.BUSY_WRITE);
    }

    @Actor
    public void reader(LL_Result read) {
      read.r1 = slot.worker(0).status();
      read.r2 = slot.threads();
    }
  }
}
