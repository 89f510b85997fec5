package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/// How a worker parks and is woken in [EventEngine]: [IdleWorkers] beside a ready queue.
///
/// In the package of what it tests, which sees no more of it. Two actors at most in a test, as in
/// [org.mpm4j.stress.SpmcArrayQueueTest].
public final class IdleWorkersStressTest {
  private static final int NONE = -1;
  private static final int TOO_MANY = 99;

  private IdleWorkersStressTest() {}

  /// A worker that parks pushes itself, then looks at the queue; a listener that has work offers
  /// it, fences, then pops. If neither sees the other, the work waits while the worker sleeps.
  @JCStressTest
  @Outcome(
      id = "1, -1",
      expect = ACCEPTABLE,
      desc = "The worker saw the work before it slept; the listener came too early to wake it.")
  @Outcome(
      id = "0, 0",
      expect = ACCEPTABLE,
      desc = "The worker saw no work, and the listener found the worker to wake.")
  @Outcome(
      id = "1, 0",
      expect = ACCEPTABLE,
      desc = "Each saw the other: the wake-up is superfluous.")
  @Outcome(
      id = "0, -1",
      expect = FORBIDDEN,
      desc = "Neither saw the other: a wake-up is lost, the worker sleeps beside the work.")
  @Outcome(expect = FORBIDDEN, desc = "There was no such worker.")
  @State
  public static class ParkAndWake {
    private final IdleWorkers idle = new IdleWorkers(1);
    private final SpmcVarHandleArrayQueue<String> ready = new SpmcVarHandleArrayQueue<>(2);

    @Actor
    public void worker(II_Result saw) {
      idle.push(0);
      saw.r1 = ready.isEmpty() ? 0 : 1;
    }

    @Actor
    public void listener(II_Result saw) {
      ready.offer("work");
      VarHandle.fullFence();
      saw.r2 = idle.tryPop();
    }
  }

  /// Two that look for a worker to wake while two are idle wake one each.
  @JCStressTest
  @Outcome(
      id = {"0, 1, -1", "1, 0, -1"},
      expect = ACCEPTABLE,
      desc = "Each woke a worker of its own, and none is left.")
  @Outcome(
      id = {"0, 0, .*", "1, 1, .*"},
      expect = FORBIDDEN,
      desc = "Both woke the same worker: one wake-up is lost.")
  @Outcome(expect = FORBIDDEN, desc = "A worker that was idle was not found, or was left behind.")
  @State
  public static class PoppedOnce {
    private final IdleWorkers idle = new IdleWorkers(2);

    public PoppedOnce() {
      idle.push(0);
      idle.push(1);
    }

    @Actor
    public void pop1(III_Result popped) {
      popped.r1 = idle.tryPop();
    }

    @Actor
    public void pop2(III_Result popped) {
      popped.r2 = idle.tryPop();
    }

    @Arbiter
    public void left(III_Result popped) {
      popped.r3 = idle.tryPop();
    }
  }

  /// A pop that is overtaken by two pops and a push of the same worker (ABA) must not put back on
  /// top what was below it before.
  @JCStressTest
  @Outcome(
      id = {"1, -1, 0", "0, -1, 1", "-1, 0, 1", "1, 0, -1"},
      expect = ACCEPTABLE,
      desc = "Both workers are accounted for, each once.")
  @Outcome(expect = FORBIDDEN, desc = "A worker was lost, or is idle and woken at once.")
  @State
  public static class PoppedWhilePushed {
    private final IdleWorkers idle = new IdleWorkers(2);

    public PoppedWhilePushed() {
      idle.push(0);
      idle.push(1);
    }

    @Actor
    public void overtaken(III_Result kept) {
      kept.r1 = idle.tryPop();
    }

    @Actor
    public void overtaking(III_Result kept) {
      int top = idle.tryPop();
      kept.r2 = idle.tryPop();
      idle.push(top);
    }

    @Arbiter
    public void left(III_Result kept) {
      int left = idle.tryPop();
      kept.r3 = idle.tryPop() == NONE ? left : TOO_MANY;
    }
  }

  // ---- weakened, and the protocol alone ----

  /// The protocol of [ParkAndWake] alone: both write, then look.
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1", "1, 1"},
      expect = ACCEPTABLE,
      desc = "One of the two saw the other, or both did.")
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "A wake-up is lost.")
  @State
  public static class ParkAndWakeModel {
    private volatile int idle;
    private volatile int ready;

    @Actor
    public void worker(II_Result saw) {
      idle = 1;
      saw.r1 = ready;
    }

    @Actor
    public void listener(II_Result saw) {
      ready = 1;
      saw.r2 = idle;
    }
  }

  /// Weakened: [ParkAndWake] without the fence behind the queue's offer, which is a release only.
  @JCStressTest
  @Outcome(
      id = {"1, -1", "0, 0", "1, 0"},
      expect = ACCEPTABLE,
      desc = "One of the two saw the other, or both did.")
  @Outcome(
      id = "0, -1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "A wake-up is lost, which is what the fence is for.")
  @Outcome(expect = FORBIDDEN, desc = "There was no such worker.")
  @State
  public static class WeakenedParkAndWake {
    private final IdleWorkers idle = new IdleWorkers(1);
    private final SpmcVarHandleArrayQueue<String> ready = new SpmcVarHandleArrayQueue<>(2);

    @Actor
    public void worker(II_Result saw) {
      idle.push(0);
      saw.r1 = ready.isEmpty() ? 0 : 1;
    }

    @Actor
    public void listener(II_Result saw) {
      ready.offer("work");
      saw.r2 = idle.tryPop();
    }
  }

  /// Weakened: [PoppedWhilePushed] with a stack that has no version.
  @JCStressTest
  @Outcome(
      id = {"1, -1, 0", "0, -1, 1", "-1, 0, 1", "1, 0, -1"},
      expect = ACCEPTABLE,
      desc = "Both workers are accounted for, each once.")
  @Outcome(
      id = "1, 0, 0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "A worker is idle and woken at once (ABA), which is what the version is for.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedPoppedWhilePushed {
    private final AtomicInteger top = new AtomicInteger(NONE);
    private final AtomicIntegerArray below = new AtomicIntegerArray(2);

    public WeakenedPoppedWhilePushed() {
      push(0);
      push(1);
    }

    private void push(int worker) {
      int seen;
      do {
        seen = top.get();
        below.set(worker, seen);
      } while (!top.compareAndSet(seen, worker));
    }

    private int tryPop() {
      while (true) {
        int worker = top.get();
        if (worker == NONE || top.compareAndSet(worker, below.get(worker))) {
          return worker;
        }
      }
    }

    @Actor
    public void overtaken(III_Result kept) {
      kept.r1 = tryPop();
    }

    @Actor
    public void overtaking(III_Result kept) {
      int first = tryPop();
      kept.r2 = tryPop();
      push(first);
    }

    @Arbiter
    public void left(III_Result kept) {
      int left = tryPop();
      kept.r3 = tryPop() == NONE ? left : TOO_MANY;
    }
  }
}
