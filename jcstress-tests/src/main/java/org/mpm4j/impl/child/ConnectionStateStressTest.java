package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.scoreboard.Parked;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// A connection of the event engine between its worker, which parks it, and the listener, which
/// takes it back: [EventConnection.State]. Its protocol alone, and weakened, is in
/// [ConnectionStateModelStressTest].
public final class ConnectionStateStressTest {
  private static final Service SERVICE = Parts.service();
  private static final Parts.CountingEngine ENGINE = new Parts.CountingEngine();

  // for tests that do not look at what is counted in it
  private static final ChildLoad LOAD = Parts.load();

  private ConnectionStateStressTest() {}

  private static EventConnection running() {
    return Parts.connection(SERVICE, ENGINE);
  }

  private static String left(boolean left) {
    return left ? "left" : "goes on";
  }

  /// An event comes for the connection while its worker parks it.
  @JCStressTest
  @Outcome(
      id = "left, taken",
      expect = ACCEPTABLE,
      desc = "The worker came first; the event gave the connection to the listener.")
  @Outcome(
      id = "goes on, not taken",
      expect = ACCEPTABLE,
      desc = "The event came first; the worker heard of it and goes on.")
  @Outcome(
      id = "left, not taken",
      expect = FORBIDDEN,
      desc = "The event is lost, and it comes once: nobody wakes the connection.")
  @Outcome(id = "goes on, taken", expect = FORBIDDEN, desc = "The connection has two owners.")
  @State
  public static class ParkBesideEvent {
    private final EventConnection connection = running();

    @Actor
    public void worker(LL_Result did) {
      did.r1 = left(connection.leave(EventConnection.State.KEEP_ALIVE, LOAD, () -> {}));
    }

    @Actor
    public void listener(LL_Result did) {
      did.r2 = connection.takeForEvent(Poller.EPOLLIN, LOAD) == null ? "not taken" : "taken";
    }
  }

  /// The same, with what is counted: how many are parked as the listener sees it, and in the end.
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 0"},
      expect = ACCEPTABLE,
      desc = "None is parked any more; the listener may have seen the one that was about to be.")
  @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "The listener saw fewer than none.")
  @Outcome(expect = FORBIDDEN, desc = "A connection was counted that is not parked, or twice.")
  @State
  public static class CountBesideEvent {
    private final ChildLoad load = Parts.load();
    private final EventConnection connection = running();

    @Actor
    public void worker() {
      connection.leave(EventConnection.State.KEEP_ALIVE, load, () -> {});
    }

    @Actor
    public void listener(II_Result parked) {
      connection.takeForEvent(Poller.EPOLLIN, load);
      parked.r1 = load.parked(Parked.KEEP_ALIVE);
    }

    @Arbiter
    public void after(II_Result parked) {
      parked.r2 = load.parked(Parked.KEEP_ALIVE);
    }
  }

  /// A worker whose connection was about to wait for its next exchange goes on and lingers, while
  /// the listener reckons how many connections are active, for admission.
  @JCStressTest
  @Outcome(
      id = {"0", "1"},
      expect = ACCEPTABLE,
      desc = "The one connection is active, or not any more.")
  @Outcome(expect = FORBIDDEN, desc = "The one connection was left out twice.")
  @State
  public static class ActiveBesideLinger {
    private final ChildLoad load = Parts.load();
    private final EventConnection connection = running();

    public ActiveBesideLinger() {
      connection.takeForEvent(Poller.EPOLLIN, load); // so that the worker goes on
    }

    @Actor
    public void worker() {
      connection.leave(EventConnection.State.KEEP_ALIVE, load, () -> {});
      connection.leave(EventConnection.State.LINGER, load, () -> {});
    }

    @Actor
    public void listener(I_Result active) {
      active.r1 = EventListener.active(1, load);
    }
  }

  /// The timer looks while the worker parks the connection: it sees the deadline of a connection
  /// that it may close, and closes none that its worker still arms.
  @JCStressTest
  @Outcome(
      id = "armed while open, not parked yet",
      expect = ACCEPTABLE,
      desc = "The timer came too early and looks again later.")
  @Outcome(
      id = "armed while open, parked with its deadline",
      expect = ACCEPTABLE,
      desc = "The timer has taken the connection back and closed it.")
  @Outcome(
      id = ".*, parked without its deadline",
      expect = FORBIDDEN,
      desc = "The timer saw that it is parked, but not the deadline that was set before.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The timer closed the descriptor while the worker armed its number.")
  @State
  public static class ParkBesideTimer {
    private final EventConnection connection = Parts.connection(SERVICE, ENGINE);
    private volatile boolean closed;

    @Actor
    public void worker(LL_Result did) {
      Wait wait = connection.beginToLinger();
      did.r1 = closed ? "armed when closed" : "armed while open";
      connection.leave(EventConnection.State.of(wait), LOAD, () -> {});
    }

    @Actor
    public void timer(LL_Result did) {
      if (!connection.state().parked()) {
        did.r2 = "not parked yet";
        return;
      }
      boolean known = connection.deadline() == Parts.NOW + Limits.LINGER;
      did.r2 = known ? "parked with its deadline" : "parked without its deadline";
      connection.takeBack(LOAD);
      connection.leaveClosed();
      closed = true;
    }
  }

  /// A worker parks a connection while the child terminates.
  @JCStressTest
  @Outcome(
      id = {"told, not closed", "told, closed", "not told, closed"},
      expect = ACCEPTABLE,
      desc = "The listener has closed the connection, or is told to look again.")
  @Outcome(
      id = "not told, not closed",
      expect = FORBIDDEN,
      desc = "The connection is parked and nobody will close it: the child never ends.")
  @State
  public static class ParkBesideTerminate {
    private final Service service = Parts.service();
    private final EventConnection connection = Parts.connection(service, ENGINE);

    @Actor
    public void worker(LL_Result did) {
      did.r1 = "not told";
      connection.leave(EventConnection.State.KEEP_ALIVE, LOAD, () -> did.r1 = "told");
    }

    @Actor
    public void listener(LL_Result did) {
      service.terminate.raise();
      did.r2 = connection.takeToTerminate(LOAD) ? "closed" : "not closed";
    }
  }

  /// A worker leaves a connection to its application while the child terminates.
  @JCStressTest
  @Outcome(
      id = {"told, not closed", "told, closed", "not told, closed"},
      expect = ACCEPTABLE,
      desc = "The listener has cut the connection off, or is told to look again.")
  @Outcome(
      id = "not told, not closed",
      expect = FORBIDDEN,
      desc = "The connection is suspended and nobody will cut it off: the child never ends.")
  @State
  public static class SuspendBesideTerminate {
    private final Service service = Parts.service();
    private final EventConnection connection = Parts.connection(service, ENGINE);

    @Actor
    public void worker(LL_Result did) {
      did.r1 = "not told";
      connection.leaveSuspended(LOAD, () -> did.r1 = "told");
    }

    @Actor
    public void listener(LL_Result did) {
      service.terminate.raise();
      did.r2 = connection.takeToTerminate(LOAD) ? "closed" : "not closed";
    }
  }
}
