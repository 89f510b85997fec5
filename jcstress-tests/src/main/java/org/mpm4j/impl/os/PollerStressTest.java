package org.mpm4j.impl.os;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.mpm4j.stress.QuietKernel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// How wake-ups of a [Poller] are made one.
public final class PollerStressTest {
  // one thread of a test awaits, and tests follow each other in it
  private static final EpollEvents ENTRIES = new EpollEvents(1);

  private PollerStressTest() {}

  /// A kernel whose eventfd is reported once after each write that follows a report.
  static final class EventFd extends QuietKernel {
    final AtomicInteger written = new AtomicInteger();
    private volatile int reported;

    @Override
    protected int write() {
      written.incrementAndGet();
      return Long.BYTES;
    }

    @Override
    protected int epollWait(EpollEvents events) {
      int now = written.get();
      if (now == reported) {
        return 0;
      }
      reported = now;
      events.set(0, Poller.EPOLLIN, Poller.WAKEUP_DATA);
      return 1;
    }

    boolean readable() {
      return written.get() != reported;
    }
  }

  /// Work that is published as a queue does it, with less than a volatile write.
  abstract static class Work {
    private static final VarHandle DONE =
        ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "done", VarHandle.class, Work.class, int.class);

    @SuppressWarnings("UnusedVariable") // the handle reads it
    private int done;

    void publish() {
      DONE.setRelease(this, 1);
    }

    String seen() {
      return (int) DONE.getAcquire(this) == 1 ? "seen" : "not seen";
    }
  }

  /// Work is published and announced while an earlier wake-up is being taken.
  @JCStressTest
  @Outcome(
      id = "seen, none follows",
      expect = ACCEPTABLE,
      desc = "The wake-up was covered by the one in flight, and so was its work.")
  @Outcome(
      id = "not seen, another follows",
      expect = ACCEPTABLE,
      desc = "The wake-up came after the one that was taken, and the next wait ends at once.")
  @Outcome(
      id = "seen, another follows",
      expect = ACCEPTABLE,
      desc = "The next wait ends for work that was done already.")
  @Outcome(
      id = "not seen, none follows",
      expect = FORBIDDEN,
      desc = "A wake-up is lost: the work waits until something else happens.")
  @State
  public static class WakeupBesideAwait extends Work {
    private final EventFd kernel = new EventFd();
    private final Poller poller = new Poller(kernel.calls(), 0, 0, ENTRIES);

    public WakeupBesideAwait() {
      poller.wakeup();
    }

    @Actor
    public void waker() {
      publish();
      poller.wakeup();
    }

    @Actor
    public void waiter(LL_Result did) {
      poller.await(0);
      did.r1 = seen();
    }

    @Arbiter
    public void next(LL_Result did) {
      did.r2 = kernel.readable() ? "another follows" : "none follows";
    }
  }

  /// Two wake at once a poller that nobody has woken.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "One of them has written, for both.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "Each relied on the other: no wake-up comes.")
  @Outcome(expect = FORBIDDEN, desc = "Two writes are in flight.")
  @State
  public static class TwoWakeups {
    private final EventFd kernel = new EventFd();
    private final Poller poller = new Poller(kernel.calls(), 0, 0, ENTRIES);

    @Actor
    public void waker1() {
      poller.wakeup();
    }

    @Actor
    public void waker2() {
      poller.wakeup();
    }

    @Arbiter
    public void writes(I_Result count) {
      count.r1 = kernel.written.get();
    }
  }

  // ---- the protocol alone ----

  abstract static class Model extends Work {
    final AtomicBoolean pending = new AtomicBoolean(true);

    // one write is in flight
    volatile int unread = 1;

    void await(LL_Result did) {
      if (unread != 0) {
        unread = 0;
        pending.getAndSet(false);
      }
      did.r1 = seen();
    }

    void next(LL_Result did) {
      did.r2 = unread != 0 ? "another follows" : "none follows";
    }
  }

  /// Whoever wakes sets the flag, even where it is set already.
  @JCStressTest
  @Outcome(
      id = {"seen, none follows", "not seen, another follows", "seen, another follows"},
      expect = ACCEPTABLE,
      desc = "The work was seen, or another wake-up follows.")
  @Outcome(expect = FORBIDDEN, desc = "A wake-up is lost.")
  @State
  public static class WakeupBesideAwaitModel extends Model {
    @Actor
    public void waker() {
      publish();
      if (!pending.getAndSet(true)) {
        unread = 1;
      }
    }

    @Actor
    public void waiter(LL_Result did) {
      await(did);
    }

    @Arbiter
    public void after(LL_Result did) {
      next(did);
    }
  }

  /// Weakened: whoever wakes looks at the flag first, and leaves it if it is set.
  @JCStressTest
  @Outcome(
      id = {"seen, none follows", "not seen, another follows", "seen, another follows"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = "not seen, none follows",
      expect = ACCEPTABLE_INTERESTING,
      desc = "A wake-up is lost: the look went before the work was visible.")
  @State
  public static class WeakenedWakeupBesideAwait extends Model {
    @Actor
    public void waker() {
      publish();
      if (!pending.get() && !pending.getAndSet(true)) {
        unread = 1;
      }
    }

    @Actor
    public void waiter(LL_Result did) {
      await(did);
    }

    @Arbiter
    public void after(LL_Result did) {
      next(did);
    }
  }
}
