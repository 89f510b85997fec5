package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/// A connection between its worker, which suspends it, the application, which resumes it, and the
/// listener, which cuts it off: `SocketConnection.suspension`.
public final class SuspensionStressTest {
  private static final String SUSPENDED = "suspended";
  private static final String GOES_ON = "goes on with the data";
  private static final String BLIND = "goes on without the data";
  private static final String HANDED_BACK = "handed back";
  private static final String NOT_HANDED_BACK = "not handed back";
  private static final String REFUSED = "refused";

  private static final Service SERVICE = Parts.service();

  private SuspensionStressTest() {}

  private static String goesOn(int data) {
    return data == 1 ? GOES_ON : BLIND;
  }

  /// The worker suspends while the application resumes already: the later one goes on with the
  /// connection, and has what the application has written before.
  @JCStressTest
  @Outcome(
      id = "suspended, handed back",
      expect = ACCEPTABLE,
      desc = "The application came later and has given the connection to the listener.")
  @Outcome(
      id = "goes on with the data, not handed back",
      expect = ACCEPTABLE,
      desc = "The worker came later and goes on with what the application has written.")
  @Outcome(
      id = "suspended, not handed back",
      expect = FORBIDDEN,
      desc = "Nobody goes on: the connection waits for ever.")
  @Outcome(
      id = "goes on.*, handed back",
      expect = FORBIDDEN,
      desc = "Both go on: the connection has two owners.")
  @Outcome(
      id = ".*, refused",
      expect = FORBIDDEN,
      desc = "The application was told that it has resumed the connection already.")
  @Outcome(expect = FORBIDDEN, desc = "The worker goes on without what was written for it.")
  @State
  public static class SuspendBesideResume {
    private final Parts.CountingEngine engine = new Parts.CountingEngine();
    private final EventConnection connection = Parts.connection(SERVICE, engine);
    private int data;

    @Actor
    public void worker(LL_Result did) {
      did.r1 = connection.suspend() ? SUSPENDED : goesOn(data);
    }

    @Actor
    public void application(LL_Result did) {
      data = 1;
      try {
        connection.resume();
      } catch (IllegalStateException _) {
        did.r2 = REFUSED;
      }
    }

    @Arbiter
    public void engine(LL_Result did) {
      if (did.r2 == null) {
        did.r2 = engine.resumed.get() == 1 ? HANDED_BACK : NOT_HANDED_BACK;
      }
    }
  }

  /// The application resumes while the child terminates: one of the two has the connection.
  @JCStressTest
  @Outcome(
      id = "handed back, not reclaimed",
      expect = ACCEPTABLE,
      desc = "The application came first; the connection is closed when it is taken back.")
  @Outcome(
      id = "not handed back, reclaimed",
      expect = ACCEPTABLE,
      desc = "The listener came first and closes the connection; resuming it does nothing.")
  @Outcome(
      id = "handed back, reclaimed",
      expect = FORBIDDEN,
      desc = "The connection has two owners: it is closed while it is served.")
  @Outcome(
      id = "not handed back, not reclaimed",
      expect = FORBIDDEN,
      desc = "The connection has no owner: the child never ends.")
  @Outcome(expect = FORBIDDEN, desc = "The application was told that it has resumed already.")
  @State
  public static class ResumeBesideReclaim {
    private final Parts.CountingEngine engine = new Parts.CountingEngine();
    private final EventConnection connection = Parts.connection(SERVICE, engine);

    public ResumeBesideReclaim() {
      var _ = connection.suspend();
    }

    @Actor
    public void application(LL_Result did) {
      try {
        connection.resume();
        did.r1 = engine.resumed.get() == 1 ? HANDED_BACK : NOT_HANDED_BACK;
      } catch (IllegalStateException _) {
        did.r1 = REFUSED;
      }
    }

    @Actor
    public void listener(LL_Result did) {
      did.r2 = connection.reclaim() ? "reclaimed" : "not reclaimed";
    }
  }

  // ---- the protocol alone ----

  private static final int RUNNING = 0;
  private static final int PARKED = 1;
  private static final int EARLY = 2;

  /// The protocol of [SuspendBesideResume], and nothing else.
  @JCStressTest
  @Outcome(
      id = {"suspended, handed back", "goes on with the data, not handed back"},
      expect = ACCEPTABLE,
      desc = "The later one goes on with the connection.")
  @Outcome(expect = FORBIDDEN, desc = "None goes on, or both do, or the data is missing.")
  @State
  public static class SuspendBesideResumeModel {
    private final AtomicInteger suspension = new AtomicInteger(RUNNING);
    private int data;

    @Actor
    public void worker(LL_Result did) {
      did.r1 = suspension.compareAndSet(RUNNING, PARKED) ? SUSPENDED : goesOn(data);
    }

    @Actor
    public void application(LL_Result did) {
      data = 1;
      boolean early = suspension.compareAndSet(RUNNING, EARLY);
      did.r2 = early ? NOT_HANDED_BACK : HANDED_BACK;
    }
  }

  /// Weakened: both look before they write, with nothing that holds the two together.
  @JCStressTest
  @Outcome(
      id = {"suspended, handed back", "goes on with the data, not handed back"},
      expect = ACCEPTABLE,
      desc = "They did not meet.")
  @Outcome(
      id = "suspended, not handed back",
      expect = ACCEPTABLE_INTERESTING,
      desc = "Nobody goes on, which is what the compare-and-set is for.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedSuspendBesideResume {
    private final AtomicInteger suspension = new AtomicInteger(RUNNING);
    private int data;

    @Actor
    public void worker(LL_Result did) {
      if (suspension.get() == RUNNING) {
        suspension.set(PARKED);
        did.r1 = SUSPENDED;
      } else {
        did.r1 = goesOn(data);
      }
    }

    @Actor
    public void application(LL_Result did) {
      data = 1;
      if (suspension.get() == RUNNING) {
        suspension.set(EARLY);
        did.r2 = NOT_HANDED_BACK;
      } else {
        did.r2 = HANDED_BACK;
      }
    }
  }
}
