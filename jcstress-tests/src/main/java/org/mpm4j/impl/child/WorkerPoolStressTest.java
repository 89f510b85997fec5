package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.mpm4j.impl.child.PoolCounts.Claim;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// What [StandardWorkerPool] relies on in [PoolCounts] and [TaskHandOff]: one thread's steps beside
/// those of who has a task, or ends the pool. The arbiter does what the thread does when it was
/// woken.
public final class WorkerPoolStressTest {
  // what became of the task, as numbers for the outcomes
  private static final int IDLE = 0;
  private static final int NEW = 1;
  private static final int QUEUED = 2;
  private static final int FULL = 3;
  private static final int CLOSED = 4;

  private WorkerPoolStressTest() {}

  private static void task() {}

  private static int number(Claim claim) {
    return switch (claim) {
      case IDLE_THREAD -> IDLE;
      case NEW_THREAD -> NEW;
      case QUEUE -> QUEUED;
      case FULL -> FULL;
      case CLOSED -> CLOSED;
    };
  }

  /// A pool of one thread, which rests at first.
  static class OneThread {
    final PoolCounts counts = new PoolCounts(0, 1, 0);
    final TaskHandOff handOff = new TaskHandOff(counts, 1, 0, _ -> wake());

    // each written by one actor, or by whoever has popped the thread; read by the arbiter
    private boolean woken;
    int ran;
    boolean ended;

    OneThread() {
      PoolCounts.Claim claim = counts.claim(true, false); // its first task, which has ended
      if (claim != Claim.NEW_THREAD) {
        throw new IllegalStateException("no thread: " + claim);
      }
      counts.rest();
    }

    private void wake() {
      woken = true;
    }

    /// What the thread does while it is awake.
    void work(boolean retired) {
      while (true) {
        if (handOff.poll() != null) {
          ran++;
          counts.rest();
        } else if (counts.tryEnd(retired)) {
          ended = true;
          return;
        } else {
          handOff.rest(0);
          return;
        }
      }
    }

    Claim submit() {
      Claim claim = counts.claim(true, false);
      if (claim == Claim.IDLE_THREAD) {
        handOff.offer(WorkerPoolStressTest::task);
      }
      return claim;
    }

    /// Goes on with a thread that was woken, until it sleeps and nobody wakes it.
    void settle() {
      while (woken) {
        woken = false;
        work(false);
      }
    }
  }

  /// No wake-up is lost between a thread that goes to sleep and one that has a task for it.
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The idle thread ran the task.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The task was lost or run twice, or the idle thread was not seen.")
  @State
  public static class ExecuteAndSleep extends OneThread {
    @Actor
    public void executor(II_Result result) {
      result.r1 = number(submit());
    }

    @Actor
    public void thread() {
      work(false);
    }

    @Arbiter
    public void look(II_Result result) {
      settle();
      result.r2 = ran;
    }
  }

  /// The same protocol with a thread that does not look again when it has pushed itself: shows that
  /// the test could find a task that is lost.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The thread was lucky.")
  @Outcome(
      id = "0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The thread sleeps beside a task, which is what the second look is for.")
  @Outcome(expect = FORBIDDEN, desc = "The task ran twice.")
  @State
  public static class WeakenedExecuteAndSleep {
    private final MpmcVarHandleArrayQueue<Runnable> queue = new MpmcVarHandleArrayQueue<>(2);
    private final IdleWorkers asleep = new IdleWorkers(1);
    private boolean woken;
    private int ran;

    @Actor
    public void executor() {
      queue.offer(WorkerPoolStressTest::task);
      woken = asleep.tryPop() == 0;
    }

    @Actor
    public void thread() {
      if (queue.poll() != null) {
        ran++;
      } else {
        asleep.push(0);
      }
    }

    @Arbiter
    public void look(I_Result result) {
      if (woken && queue.poll() != null) {
        ran++;
      }
      result.r1 = ran;
    }
  }

  /// A task finds the thread that retires, or starts another one: it never counts on one that ends.
  @JCStressTest
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "The thread stayed and ran the task.")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The thread ran the task, then ended.")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The thread ended; the task has a new one.")
  @Outcome(expect = FORBIDDEN, desc = "The task counts on a thread that has ended.")
  @State
  public static class ExecuteAndRetire extends OneThread {
    @Actor
    public void executor(III_Result result) {
      result.r1 = number(submit());
    }

    @Actor
    public void thread() {
      work(true);
    }

    @Arbiter
    public void look(III_Result result) {
      settle();
      result.r2 = ran;
      result.r3 = ended ? 1 : 0;
    }
  }

  /// A task is run or rejected, and the thread ends.
  @JCStressTest
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The task was accepted, and run.")
  @Outcome(id = "4, 0, 1", expect = ACCEPTABLE, desc = "The task was rejected.")
  @Outcome(expect = FORBIDDEN, desc = "The task was lost, or the thread sleeps for ever.")
  @State
  public static class ExecuteAndShutdown extends OneThread {
    public ExecuteAndShutdown() {
      handOff.rest(0);
    }

    @Actor
    public void executor(III_Result result) {
      result.r1 = number(submit());
    }

    @Actor
    public void closer() {
      counts.advance(PoolCounts.SHUTDOWN);
      handOff.wakeAll();
    }

    @Arbiter
    public void look(III_Result result) {
      settle();
      result.r2 = ran;
      result.r3 = counts.terminated() ? 1 : 0;
    }
  }

  /// A thread that goes to sleep while the pool is shut down ends.
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The thread has ended.")
  @Outcome(expect = FORBIDDEN, desc = "The thread sleeps for ever.")
  @State
  public static class SleepAndShutdown extends OneThread {
    @Actor
    public void thread() {
      work(false);
    }

    @Actor
    public void closer() {
      counts.advance(PoolCounts.SHUTDOWN);
      handOff.wakeAll();
    }

    @Arbiter
    public void look(II_Result result) {
      settle();
      result.r1 = ran;
      result.r2 = counts.terminated() ? 1 : 0;
    }
  }

  /// A task is run, returned or rejected, and the thread ends.
  @JCStressTest
  @Outcome(
      id = {"0, 1, 1", "4, 0, 1"},
      expect = ACCEPTABLE,
      desc = "The task was run or returned, once; or it was rejected.")
  @Outcome(expect = FORBIDDEN, desc = "The task was lost, or the thread sleeps for ever.")
  @State
  public static class ExecuteAndStop extends OneThread {
    private int returned;

    public ExecuteAndStop() {
      handOff.rest(0);
    }

    @Actor
    public void executor(III_Result result) {
      result.r1 = number(submit());
    }

    @Actor
    public void closer() {
      counts.advance(PoolCounts.STOPPING);
      while (handOff.takeBack() != null) {
        returned++;
      }
      counts.advance(PoolCounts.STOPPED);
      handOff.wakeAll();
    }

    @Arbiter
    public void look(III_Result result) {
      settle();
      result.r2 = ran + returned;
      result.r3 = counts.terminated() ? 1 : 0;
    }
  }

  /// Two that have a task and one thread to start: one of them starts it, the other is refused; and
  /// the counts stay within their limits.
  @JCStressTest
  @Outcome(
      id = {"1, 3, 100", "3, 1, 100"},
      expect = ACCEPTABLE,
      desc = "One thread, for one of them.")
  @Outcome(expect = FORBIDDEN, desc = "More threads than may be, or none.")
  @State
  public static class ClaimAndClaim {
    private final PoolCounts counts = new PoolCounts(1, 1, 0);

    @Actor
    public void first(III_Result result) {
      result.r1 = number(counts.claim(true, true));
    }

    @Actor
    public void second(III_Result result) {
      result.r2 = number(counts.claim(true, true));
    }

    @Arbiter
    public void counts(III_Result result) {
      long now = counts.now();
      result.r3 =
          100 * PoolCounts.threads(now) + 10 * PoolCounts.idle(now) + PoolCounts.queued(now);
    }
  }
}
