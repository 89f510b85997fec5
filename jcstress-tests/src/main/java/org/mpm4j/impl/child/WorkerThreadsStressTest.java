package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/// Threads that start, sleep and end, in both engines.
public final class WorkerThreadsStressTest {
  private static final int LOOKS = 100;

  private WorkerThreadsStressTest() {}

  /// Two idle threads look whether they may go, and one must stay.
  @JCStressTest
  @Outcome(
      id = {"true, false", "false, true"},
      expect = ACCEPTABLE,
      desc = "One of them went.")
  @Outcome(id = "true, true", expect = FORBIDDEN, desc = "Fewer threads are left than must be.")
  @Outcome(expect = FORBIDDEN, desc = "None went, although one might.")
  @State
  public static class TwoDismissals {
    private final ThreadCount running = new ThreadCount(1);

    public TwoDismissals() {
      running.add();
      running.add();
    }

    @Actor
    public void thread1(ZZ_Result dismissed) {
      dismissed.r1 = running.tryDismiss();
    }

    @Actor
    public void thread2(ZZ_Result dismissed) {
      dismissed.r2 = running.tryDismiss();
    }
  }

  /// An idle thread looks whether it may go while the other one ends, because the child drains.
  @JCStressTest
  @Outcome(
      id = "true, true",
      expect = ACCEPTABLE,
      desc = "The idle thread went first, so the other one was the last.")
  @Outcome(
      id = "false, false",
      expect = ACCEPTABLE,
      desc = "The other one came first, so the idle one stays, and will be the last.")
  @Outcome(
      id = "true, false",
      expect = FORBIDDEN,
      desc = "Neither is the last: nobody says that the child has ended.")
  @Outcome(expect = FORBIDDEN, desc = "The last one has ended while another stays.")
  @State
  public static class DismissalBesideEnd {
    private final ThreadCount running = new ThreadCount(1);

    public DismissalBesideEnd() {
      running.add();
      running.add();
    }

    @Actor
    public void idle(ZZ_Result did) {
      did.r1 = running.tryDismiss();
    }

    @Actor
    public void ends(ZZ_Result did) {
      did.r2 = running.remove();
    }
  }

  /// The monitor wakes a worker that parks, to end it.
  @JCStressTest
  @Outcome(
      id = {"not found, sleeps", "found, sleeps"},
      expect = ACCEPTABLE,
      desc = "The monitor came too early, or the worker has not looked yet.")
  @Outcome(
      id = "found, woken to end",
      expect = ACCEPTABLE,
      desc = "The worker was woken and knows why.")
  @Outcome(
      id = ".*, woken to work",
      expect = FORBIDDEN,
      desc = "The worker was woken and does not know why: it would park again.")
  @Outcome(
      id = "found, woken to end but lost",
      expect = FORBIDDEN,
      desc = "The wake-up did not last: the worker would sleep on.")
  @Outcome(expect = FORBIDDEN, desc = "The worker was woken by nobody.")
  @State
  public static class RestBesideRetire {
    private final IdleWorkers idle = new IdleWorkers(1);
    private final Parker parker = new Parker();

    @Actor
    public void monitor(LL_Result did) {
      boolean found = idle.tryPop() >= 0;
      if (found) {
        parker.retire();
      }
      did.r1 = found ? "found" : "not found";
    }

    @Actor
    public void worker(LL_Result did) {
      parker.prepare();
      idle.push(0);
      boolean woken = parker.woken();
      for (int i = 0; i < LOOKS && !woken; i++) {
        woken = parker.woken();
      }
      did.r2 = !woken ? "sleeps" : parker.retired() ? "woken to end" : "woken to work";
    }

    @Arbiter
    public void after(LL_Result did) {
      if (did.r1.equals("found") && !(parker.woken() && parker.retired())) {
        did.r2 = "woken to end but lost";
      }
    }
  }

  /// A thread starts while the child terminates: the protocol of `WorkerThreads.threads`, alone.
  @JCStressTest
  @Outcome(
      id = {"sees it, interrupted", "sees it, not found", "works, interrupted"},
      expect = ACCEPTABLE,
      desc = "The thread sees that the child terminates, or is interrupted, or both.")
  @Outcome(
      id = "works, not found",
      expect = FORBIDDEN,
      desc = "The thread works on in a child that terminates, and nobody interrupts it.")
  @State
  public static class StartBesideTerminateModel {
    private final AtomicReferenceArray<@Nullable String> threads = new AtomicReferenceArray<>(1);
    private volatile boolean terminate;

    @Actor
    public void started(LL_Result did) {
      threads.set(0, "thread");
      did.r1 = terminate ? "sees it" : "works";
    }

    @Actor
    public void terminates(LL_Result did) {
      terminate = true;
      did.r2 = threads.get(0) == null ? "not found" : "interrupted";
    }
  }

  // ---- BlockingEngine ----

  /// The protocol of `BlockingEngine.accept`, alone: who waits, under which lock.
  abstract static class Turns {
    private final AtomicInteger idle = new AtomicInteger();
    private final ReentrantLock listening = new ReentrantLock();

    /// Accepts a connection.
    ///
    /// @param underLock when the thread says that it waits no more
    /// @return whether it starts another thread
    boolean accept(boolean underLock) {
      idle.incrementAndGet();
      boolean alone;
      listening.lock();
      try {
        alone = idle.get() == 1;
        if (underLock) {
          idle.decrementAndGet();
        }
      } finally {
        listening.unlock();
      }
      if (!underLock) {
        for (int i = 0; i < LOOKS; i++) {
          Thread.onSpinWait(); // the lock is often taken meanwhile
        }
        idle.decrementAndGet();
      }
      return alone;
    }
  }

  /// Two threads accept one after the other; whoever leaves nobody behind starts a thread.
  @JCStressTest
  @Outcome(
      id = {"true, false", "false, true"},
      expect = ACCEPTABLE,
      desc = "The later one knew that nobody is left.")
  @Outcome(
      id = "true, true",
      expect = ACCEPTABLE,
      desc = "The second came when the first had left.")
  @Outcome(
      id = "false, false",
      expect = FORBIDDEN,
      desc = "Each counted on the other: nobody waits for the next connection.")
  @State
  public static class TwoAcceptModel extends Turns {
    @Actor
    public void thread1(ZZ_Result starts) {
      starts.r1 = accept(true);
    }

    @Actor
    public void thread2(ZZ_Result starts) {
      starts.r2 = accept(true);
    }
  }

  /// Weakened: a thread says that it waits no more when it has released the lock.
  @JCStressTest
  @Outcome(
      id = {"true, false", "false, true", "true, true"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = "false, false",
      expect = ACCEPTABLE_INTERESTING,
      desc = "Nobody waits for the next connection, which is why it is said under the lock.")
  @State
  public static class WeakenedTwoAccept extends Turns {
    @Actor
    public void thread1(ZZ_Result starts) {
      starts.r1 = accept(false);
    }

    @Actor
    public void thread2(ZZ_Result starts) {
      starts.r2 = accept(false);
    }
  }
}
