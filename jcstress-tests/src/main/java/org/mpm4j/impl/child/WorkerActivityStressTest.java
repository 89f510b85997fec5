package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.scoreboard.HeapScoreboard;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/// A worker's runs beside the monitor that looks at them and interrupts one: [WorkerActivity].
public final class WorkerActivityStressTest {
  private static final long FIRST_START = 1;
  private static final int MOST_LOOKS = 1000;

  private static final String SPARED = "spared";
  private static final String HIT = "hit";

  private WorkerActivityStressTest() {}

  /// A worker with its clock, which shows 1 when its first run begins.
  abstract static class Runs {
    private final AtomicInteger clock = new AtomicInteger();
    private final Service service =
        Parts.service(new RequestTimeouts(0, 1), clock::incrementAndGet);
    final EventConnection first = new EventConnection(service, new Parts.CountingEngine(), 1, true);
    final EventConnection second =
        new EventConnection(service, new Parts.CountingEngine(), 2, true);

    // belongs to the thread that makes it, so the worker does
    volatile @Nullable WorkerActivity activity;

    WorkerActivity start() {
      WorkerActivity made = new WorkerActivity(HeapScoreboard.open().worker(0, 0), service);
      made.begin(first);
      activity = made;
      return made;
    }

    WorkerActivity.@Nullable Run look() {
      WorkerActivity seen = activity;
      for (int i = 0; seen == null && i < MOST_LOOKS; i++) {
        Thread.onSpinWait();
        seen = activity;
      }
      return seen == null ? null : seen.run();
    }
  }

  /// The monitor interrupts the first run while the worker ends it and begins another.
  @JCStressTest
  @Outcome(
      id = "spared, .*",
      expect = ACCEPTABLE,
      desc = "The interrupt hit the first run, or came too late and hit none.")
  @Outcome(expect = FORBIDDEN, desc = "The interrupt hit a run that it was not meant for.")
  @State
  public static class InterruptBesideEnd extends Runs {
    @Actor
    public void worker(LL_Result did) {
      WorkerActivity made = start();
      made.end(2);
      made.begin(second);
      did.r1 = Thread.interrupted() ? HIT : SPARED;
    }

    @Actor
    public void monitor(LL_Result did) {
      WorkerActivity.Run run = look();
      WorkerActivity seen = activity;
      if (seen == null || run == null || run.start() != FIRST_START) {
        did.r2 = "not tried";
      } else {
        did.r2 = seen.interrupt(run.id()) ? "interrupted" : "too late";
      }
    }
  }

  /// The monitor looks at a run while the worker ends it and begins another.
  @JCStressTest
  @Outcome(id = "none", expect = ACCEPTABLE, desc = "No run was on, or the monitor was disturbed.")
  @Outcome(
      id = {"the first since 1", "the second since 2"},
      expect = ACCEPTABLE,
      desc = "The monitor has one run's beginning and connection.")
  @Outcome(expect = FORBIDDEN, desc = "The monitor believes words of two runs.")
  @State
  public static class LookBesideEnd extends Runs {
    @Actor
    public void worker() {
      WorkerActivity made = start();
      made.end(2);
      made.begin(second);
      made.end(4);
    }

    @Actor
    public void monitor(L_Result did) {
      WorkerActivity.Run run = look();
      if (run == null) {
        did.r1 = "none";
      } else {
        String which = run.connection() == first ? "the first" : "the second";
        did.r1 = which + " since " + run.start();
      }
    }
  }

  // ---- the protocol alone ----

  abstract static class Model {
    static final int IDLE = 4;
    static final int BUSY = 1;
    static final int INTERRUPTING = 2;

    final AtomicLong run = new AtomicLong(BUSY);

    // the worker's flag, as Thread.interrupt() raises it
    volatile boolean interrupted;

    void monitor() {
      if (run.compareAndSet(BUSY, INTERRUPTING)) {
        interrupted = true;
        run.set(BUSY);
      }
    }

    String next() {
      run.set(IDLE + BUSY);
      return interrupted ? HIT : SPARED;
    }
  }

  /// The worker waits at the end of a run until nobody interrupts it.
  @JCStressTest
  @Outcome(id = "spared", expect = ACCEPTABLE, desc = "The interrupt hit the first run, or none.")
  @Outcome(expect = FORBIDDEN, desc = "The interrupt hit a run that it was not meant for.")
  @State
  public static class InterruptBesideEndModel extends Model {
    @Actor
    public void worker(L_Result did) {
      while (!run.compareAndSet(BUSY, IDLE)) {
        Thread.onSpinWait();
      }
      interrupted = false;
      did.r1 = next();
    }

    @Actor
    public void interrupter() {
      monitor();
    }
  }

  /// Weakened: the worker ends a run with a write.
  @JCStressTest
  @Outcome(id = "spared", expect = ACCEPTABLE, desc = "They did not meet.")
  @Outcome(
      id = "hit",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The interrupt hit the next run, which is what the compare-and-set is for.")
  @State
  public static class WeakenedInterruptBesideEnd extends Model {
    @Actor
    public void worker(L_Result did) {
      run.set(IDLE);
      interrupted = false;
      did.r1 = next();
    }

    @Actor
    public void interrupter() {
      monitor();
    }
  }
}
