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
import org.openjdk.jcstress.infra.results.LL_Result;

/// A listener that serves and keeps its role, and the idle worker that watches it: [ListenerRole],
/// its protocol alone, and weakened.
public final class ListenerWatchStressTest {
  private static final int WATCHER = 1;

  private ListenerWatchStressTest() {}

  /// A role that is held, and an idle worker that watches.
  static class Watched extends ListenerRoleStressTest.Held {
    int listened;

    Watched() {
      super(new ListenerRoleStressTest.Crew(2, false));
      role.rest(WATCHER);
      if (!role.tryWatch()) {
        throw new IllegalStateException("nobody watches");
      }
    }
  }

  /// The watcher finds the listener in a turn, and takes the role away.
  @JCStressTest
  @Outcome(
      id = {"kept, left asleep", "handed on, left asleep"},
      expect = ACCEPTABLE,
      desc = "The turn was over, or had not begun.")
  @Outcome(
      id = "lost, took 1 woken",
      expect = ACCEPTABLE,
      desc = "A worker was woken for the role, and sees what the listener wrote before its turn.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "Both listen, or neither, or what the listener wrote is not seen.")
  @State
  public static class ServeBesideTakeAway extends Watched {
    @Actor
    public void listener(LL_Result did) {
      listened = 1;
      long serving = role.tryServe();
      did.r1 = serving == 0 ? "handed on" : role.resume(serving) ? "kept" : "lost";
    }

    @Actor
    public void watcher(LL_Result did) {
      boolean took = role.tryTakeAway(role.look());
      did.r2 = took && role.tryTake() ? "took " + listened : "left";
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r2 = did.r2 + " " + crew.sleep();
    }
  }

  /// The watch ends while the listener begins a turn, which may last for ever.
  @JCStressTest
  @Outcome(
      id = "hands on, held asleep",
      expect = ACCEPTABLE,
      desc = "The listener saw that nobody watches, and still has the role.")
  @Outcome(
      id = "serves, free woken",
      expect = ACCEPTABLE,
      desc = "The watcher saw that it serves, and a worker is on its way to the role.")
  @Outcome(
      id = "serves, held asleep",
      expect = FORBIDDEN,
      desc = "Nobody listens for as long as the handler blocks.")
  @Outcome(expect = FORBIDDEN, desc = "The role is free and nobody is woken, or held by two.")
  @State
  public static class ServeBesideEndWatch extends Watched {
    @Actor
    public void listener(LL_Result did) {
      did.r1 = role.tryServe() == 0 ? "hands on" : "serves";
    }

    @Actor
    public void watcher() {
      role.endWatch();
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r2 = (role.tryTake() ? "free " : "held ") + crew.sleep();
    }
  }

  /// The protocol of the end of a watch: a word, and whether somebody watches.
  static class Model {
    static final int FREE = 0;
    static final int LISTENING = 1;
    static final int SERVING = 2;
    final AtomicInteger word = new AtomicInteger(LISTENING);
    final AtomicBoolean watched = new AtomicBoolean(true);

    void endWatch() {
      watched.set(false);
      if (word.get() == SERVING) {
        word.compareAndSet(SERVING, FREE);
      }
    }

    String state() {
      return word.get() == FREE ? "free" : "held";
    }
  }

  /// Whoever begins to serve looks once more whether somebody watches.
  @JCStressTest
  @Outcome(
      id = {"hands on, held", "serves, free"},
      expect = ACCEPTABLE,
      desc = "One of the two saw the other.")
  @Outcome(expect = FORBIDDEN, desc = "The listener serves and nobody watches.")
  @State
  public static class EndWatchModel extends Model {
    @Actor
    public void listener(LL_Result did) {
      word.set(SERVING);
      boolean alone = !watched.get() && word.compareAndSet(SERVING, LISTENING);
      did.r1 = alone ? "hands on" : "serves";
    }

    @Actor
    public void watcher() {
      endWatch();
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r2 = state();
    }
  }

  /// Weakened: the listener looks whether somebody watches only before it begins to serve.
  @JCStressTest
  @Outcome(
      id = {"hands on, held", "serves, free"},
      expect = ACCEPTABLE,
      desc = "The watch ended before the look, or long after it.")
  @Outcome(
      id = "serves, held",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The listener serves and nobody watches: it needs to look after it has said so.")
  @Outcome(expect = FORBIDDEN, desc = "Nothing in the weakening allows this.")
  @State
  public static class WeakenedEndWatch extends Model {
    @Actor
    public void listener(LL_Result did) {
      boolean alone = !watched.get();
      if (!alone) {
        word.set(SERVING);
      }
      did.r1 = alone ? "hands on" : "serves";
    }

    @Actor
    public void watcher() {
      endWatch();
    }

    @Arbiter
    public void after(LL_Result did) {
      did.r2 = state();
    }
  }
}
