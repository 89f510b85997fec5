package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// Who listens, and who is woken: [ListenerRole]. Its protocol alone, and weakened, is in
/// [ListenerRoleModelStressTest].
public final class ListenerRoleStressTest {
  private static final int WORKER = 1;

  private ListenerRoleStressTest() {}

  /// Threads that are numbers.
  static final class Crew implements ListenerRole.Crew {
    private final int running;
    private final boolean starts;
    private final IdleWorkers absent = new IdleWorkers(2);
    private final AtomicInteger woken = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();

    // whether a thread that was started may run by now
    volatile boolean begun;

    /// @param starts whether one can be started, whatever is in `absent`
    Crew(int running, boolean starts) {
      this.running = running;
      this.starts = starts;
    }

    @Override
    public void wake(int worker) {
      woken.incrementAndGet();
    }

    @Override
    public boolean tryStart() {
      begun = starts;
      return starts || absent.tryPop() >= 0;
    }

    @Override
    public int startable() {
      return starts ? 1 : absent.count();
    }

    @Override
    public int running() {
      return running;
    }

    @Override
    public void wakeListener() {
      told.incrementAndGet();
    }

    String sleep() {
      int times = woken.get();
      return times == 0 ? "asleep" : times == 1 ? "woken" : "woken twice";
    }
  }

  /// Crew, queue and a role that is held.
  static class Held {
    final Crew crew;
    final SpmcVarHandleArrayQueue<String> ready = new SpmcVarHandleArrayQueue<>(2);
    final ListenerRole role;

    Held(Crew crew) {
      this.crew = crew;
      this.role = new ListenerRole(2, ready, crew);
      var _ = role.tryTake();
    }
  }

  /// A worker parks while the listener has found a connection and looks for a successor.
  @JCStressTest
  @Outcome(
      id = "handed on, woken",
      expect = ACCEPTABLE,
      desc = "The listener found the worker, which takes the role; the listener serves.")
  @Outcome(
      id = "kept, woken",
      expect = ACCEPTABLE,
      desc = "The listener came too early; the worker saw the connection and serves it.")
  @Outcome(
      id = "kept, asleep",
      expect = FORBIDDEN,
      desc = "A wake-up is lost: the worker sleeps beside a connection that is ready.")
  @Outcome(
      id = "handed on, asleep",
      expect = FORBIDDEN,
      desc = "Nobody listens: the role was given to a worker that sleeps.")
  @Outcome(expect = FORBIDDEN, desc = "The worker was woken twice.")
  @State
  public static class RestBesideHandOn extends Held {
    public RestBesideHandOn() {
      super(new Crew(2, false));
    }

    @Actor
    public void listener(LL_Result did) {
      ready.offer("connection");
      did.r1 = role.tryHandOn() ? "handed on" : "kept";
    }

    @Actor
    public void worker() {
      role.rest(WORKER);
    }

    @Arbiter
    public void sleep(LL_Result did) {
      did.r2 = crew.sleep();
    }
  }

  /// The listener gives its role to a thread that it starts, which looks for it at once. What was
  /// ready is taken by another worker meanwhile.
  @JCStressTest
  @Outcome(
      id = "held, listens",
      expect = ACCEPTABLE,
      desc = "The new thread found the role free and has it.")
  @Outcome(id = "free, not begun", expect = ACCEPTABLE, desc = "The new thread has yet to begin.")
  @Outcome(
      id = "held, serves",
      expect = FORBIDDEN,
      desc =
          "The new thread came before the role was free: it may serve, and block, and nobody"
              + " listens.")
  @Outcome(expect = FORBIDDEN, desc = "The new thread did not find the role, which is free.")
  @State
  public static class NewWorkerBesideHandOn extends Held {
    public NewWorkerBesideHandOn() {
      super(new Crew(1, true));
    }

    @Actor
    public void listener() {
      var _ = role.tryHandOn();
    }

    @Actor
    public void started(LL_Result did) {
      if (!crew.begun) {
        did.r2 = "not begun";
      } else {
        did.r2 = role.tryTake() ? "listens" : "serves";
      }
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r1 = role.tryTake() ? "free" : "held";
    }
  }

  /// Two workers that were woken look for the role. Whoever has it counts in a plain field, and
  /// gives it away again.
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = ACCEPTABLE,
      desc = "One listened while the other looked.")
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "They listened one after the other, and the later one saw what the earlier one wrote.")
  @Outcome(
      id = "1, 1",
      expect = FORBIDDEN,
      desc = "Two listened at once, or the later one did not see the listener's fields.")
  @Outcome(expect = FORBIDDEN, desc = "Nobody took a role that was free.")
  @State
  public static class OneListener {
    private final ListenerRole role =
        new ListenerRole(2, new SpmcVarHandleArrayQueue<String>(2), new Crew(1, false));
    private int listened;

    private int listen() {
      if (!role.tryTake()) {
        return 0;
      }
      int turn = ++listened;
      var _ = role.tryHandOn(); // a single thread may always give it away
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

  /// A worker parks while the last listener ends.
  @JCStressTest
  @Outcome(
      id = {"ended, ends", "ended, woken"},
      expect = ACCEPTABLE,
      desc = "The worker saw the end, or was woken to see it.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The worker sleeps and nobody will wake it: the child never ends.")
  @State
  public static class RestBesideEnd extends Held {
    public RestBesideEnd() {
      super(new Crew(2, false));
    }

    @Actor
    public void listener() {
      role.end();
    }

    @Actor
    public void worker(LL_Result did) {
      if (role.ended()) {
        did.r2 = "ends";
      } else {
        role.rest(WORKER);
      }
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r1 = role.ended() ? "ended" : "not ended";
      if (did.r2 == null) {
        did.r2 = crew.sleep();
      }
    }
  }

  /// A worker becomes idle while the listener finds that it cannot accept for want of one.
  @JCStressTest
  @Outcome(id = "accepts, not told", expect = ACCEPTABLE, desc = "The listener found the worker.")
  @Outcome(
      id = "waits, told",
      expect = ACCEPTABLE,
      desc = "The listener came too early, and the worker ends its wait.")
  @Outcome(id = "accepts, told", expect = ACCEPTABLE, desc = "Each saw the other.")
  @Outcome(
      id = "waits, not told",
      expect = FORBIDDEN,
      desc = "The listener accepts nothing although a worker is idle.")
  @State
  public static class RestBesideAdmission extends Held {
    public RestBesideAdmission() {
      super(new Crew(2, false));
    }

    @Actor
    public void listener(LL_Result did) {
      role.waitForIdleWorker(true);
      did.r1 = role.available() > 0 ? "accepts" : "waits";
    }

    @Actor
    public void worker() {
      role.rest(WORKER);
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r2 = crew.told.get() > 0 ? "told" : "not told";
    }
  }

  /// A worker that was dismissed ends while the listener has found a connection: nobody is idle,
  /// and its number is all that could be started.
  @JCStressTest
  @Outcome(
      id = "handed on, .*",
      expect = ACCEPTABLE,
      desc = "The listener has started a thread with the number that became free.")
  @Outcome(
      id = "kept, serves",
      expect = ACCEPTABLE,
      desc = "The worker found the connection before it ended, and serves it.")
  @Outcome(
      id = "kept, told",
      expect = ACCEPTABLE,
      desc = "The worker's number came too late, and it has told the listener so.")
  @Outcome(
      id = "kept, not told",
      expect = FORBIDDEN,
      desc = "A connection is ready and a thread could be started, but nobody looks.")
  @State
  public static class EndBesideHandOn extends Held {
    public EndBesideHandOn() {
      super(new Crew(2, false));
    }

    @Actor
    public void listener(LL_Result did) {
      ready.offer("connection");
      did.r1 = role.tryHandOn() ? "handed on" : "kept";
    }

    @Actor
    public void worker(LL_Result did) {
      if (ready.poll() != null) {
        did.r2 = "serves";
      } else {
        crew.absent.push(WORKER); // as WorkerThreads does
        role.threadEnded();
      }
    }

    @Arbiter
    public void after(LL_Result did) {
      if (did.r2 == null) {
        did.r2 = crew.told.get() > 0 ? "told" : "not told";
      }
    }
  }
}
