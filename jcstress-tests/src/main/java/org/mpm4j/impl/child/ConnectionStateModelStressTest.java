package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// The protocol of [EventConnection.State] alone, and what becomes of it when a part is left out.
public final class ConnectionStateModelStressTest {
  private static final int RUNNING = 0;
  private static final int FIRED = 1;
  private static final int PARKED = 2;

  private ConnectionStateModelStressTest() {}

  static class Model {
    final AtomicInteger state = new AtomicInteger(RUNNING);
    final AtomicInteger count = new AtomicInteger();

    /// The listener has an event.
    String take() {
      while (true) {
        int seen = state.get();
        if (seen == PARKED) {
          count.decrementAndGet();
          state.set(RUNNING);
          return "taken";
        } else if (seen != RUNNING || state.compareAndSet(RUNNING, FIRED)) {
          return "not taken";
        }
      }
    }
  }

  /// Of the worker's change and the listener's one fails.
  @JCStressTest
  @Outcome(
      id = {"left, taken", "goes on, not taken"},
      expect = ACCEPTABLE,
      desc = "One of the two has the connection.")
  @Outcome(expect = FORBIDDEN, desc = "Both have the connection, or nobody has.")
  @State
  public static class ParkBesideEventModel extends Model {
    @Actor
    public void worker(LL_Result did) {
      did.r1 = state.compareAndSet(RUNNING, PARKED) ? "left" : "goes on";
    }

    @Actor
    public void listener(LL_Result did) {
      did.r2 = take();
    }
  }

  /// Weakened: the worker looks, then parks with a write.
  @JCStressTest
  @Outcome(
      id = {"left, taken", "goes on, not taken"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = "left, not taken",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The event is lost, which is what the compare-and-set out of RUNNING is for.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedParkBesideEvent extends Model {
    @Actor
    public void worker(LL_Result did) {
      if (state.get() == RUNNING) {
        state.set(PARKED);
        did.r1 = "left";
      } else {
        did.r1 = "goes on";
      }
    }

    @Actor
    public void listener(LL_Result did) {
      did.r2 = take();
    }
  }

  /// Weakened: the state is parked before the descriptor is armed, so that there need be no FIRED.
  @JCStressTest
  @Outcome(
      id = {"armed while open, not parked yet", "armed while open, closed"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = "armed when closed, closed",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The worker arms a number that is somebody else's by now: why it arms first.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedParkBesideTimer {
    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private volatile boolean closed;

    @Actor
    public void worker(LL_Result did) {
      state.set(PARKED);
      Thread.onSpinWait(); // the system call that arms it takes longer
      did.r1 = closed ? "armed when closed" : "armed while open";
    }

    @Actor
    public void timer(LL_Result did) {
      if (state.compareAndSet(PARKED, RUNNING)) {
        closed = true;
        did.r2 = "closed";
      } else {
        did.r2 = "not parked yet";
      }
    }
  }

  /// Weakened: the worker counts the connection when it has parked it.
  @JCStressTest
  @Outcome(
      id = {"0", "1"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = "-1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The listener saw fewer than none, which is why the worker counts first.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedCountBesideEvent extends Model {
    @Actor
    public void worker() {
      if (state.compareAndSet(RUNNING, PARKED)) {
        count.incrementAndGet();
      }
    }

    @Actor
    public void listener(I_Result parked) {
      var _ = take();
      parked.r1 = count.get();
    }
  }
}
