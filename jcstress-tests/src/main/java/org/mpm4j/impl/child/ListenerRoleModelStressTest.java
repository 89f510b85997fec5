package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// The protocol of [ListenerRole] alone, with one worker beside the listener, and what becomes of
/// it when a part is left out.
public final class ListenerRoleModelStressTest {
  private ListenerRoleModelStressTest() {}

  static class Model {
    final AtomicBoolean held = new AtomicBoolean(true);
    final AtomicBoolean idle = new AtomicBoolean();
    final AtomicInteger woken = new AtomicInteger();

    boolean wakeIdle() {
      if (idle.get() && idle.compareAndSet(true, false)) {
        woken.incrementAndGet();
        return true;
      }
      return false;
    }

    /// The worker parks, unless the role is free.
    void rest() {
      idle.set(true);
      if (!held.get()) {
        wakeIdle();
      }
    }

    void look(LL_Result did) {
      if (held.compareAndSet(false, true)) {
        did.r2 = "listens";
      } else {
        rest();
      }
    }

    void after(LL_Result did) {
      did.r1 = held.get() ? "held" : "free";
      if (did.r2 == null) {
        did.r2 = woken.get() == 0 ? "asleep" : "woken";
      }
    }
  }

  /// The listener releases the role, then looks for a worker that parks meanwhile.
  @JCStressTest
  @Outcome(
      id = {"held, listens", "free, woken"},
      expect = ACCEPTABLE,
      desc = "The new worker has the role, or is on its way to it.")
  @Outcome(expect = FORBIDDEN, desc = "Nobody listens, and the worker that should sleeps.")
  @State
  public static class HandOnModel extends Model {
    @Actor
    public void listener() {
      held.set(false);
      wakeIdle();
    }

    @Actor
    public void started(LL_Result did) {
      look(did);
    }

    @Arbiter
    public void sleep(LL_Result did) {
      after(did);
    }
  }

  /// Weakened: the listener does not look for a worker after it has released the role.
  @JCStressTest
  @Outcome(
      id = {"held, listens", "free, woken"},
      expect = ACCEPTABLE,
      desc = "The new worker saw that the role is free.")
  @Outcome(
      id = "free, asleep",
      expect = ACCEPTABLE_INTERESTING,
      desc = "Nobody listens, and the worker that should sleeps: it needs to be looked for.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedHandOn extends Model {
    @Actor
    public void listener() {
      wakeIdle();
      held.set(false);
    }

    @Actor
    public void started(LL_Result did) {
      if (held.compareAndSet(false, true)) {
        did.r2 = "listens";
      } else if (held.get()) {
        idle.set(true);
      } else {
        did.r2 = "woken";
      }
    }

    @Arbiter
    public void sleep(LL_Result did) {
      after(did);
    }
  }

  /// Weakened: the role is taken by a look and a write.
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1", "1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = {"1, 1", "2, 2"},
      expect = ACCEPTABLE_INTERESTING,
      desc = "Two listen at once, which is what the compare-and-set is for.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedOneListener {
    private volatile boolean held;
    private int listened;

    private int listen() {
      if (held) {
        return 0;
      }
      held = true;
      int turn = ++listened;
      held = false;
      return turn;
    }

    @Actor
    public void worker1(II_Result turn) {
      turn.r1 = listen();
    }

    @Actor
    public void worker2(II_Result turn) {
      turn.r2 = listen();
    }
  }
}
