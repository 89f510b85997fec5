package org.mpm4j.impl.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessPolicy;

/// The autoscaler's rules, one by one.
final class AutoscalerTest {
  private static final long SECOND = 1_000_000_000;
  private static final ScalingLimits EVENT = HttpdRule.EVENT;
  private static final ScalingLimits PREFORK = HttpdRule.PREFORK;
  private static final Decision HOLD = new Decision.Hold();

  private History history = History.start(0);

  // ---- more ----

  @Test
  void growsAsHttpdsPreforkDoes() {
    assertEquals(List.of(5, 6, 8, 12, 20, 36, 68, 100, 132, 164, 196, 228, 256), growth(PREFORK));
  }

  @Test
  void growsAsHttpdsEventDoes() {
    assertEquals(List.of(3, 4, 6, 10, 16), growth(EVENT));
  }

  @Test
  void saysOnceThatTheLimitIsReached() {
    var _ = growth(EVENT);
    for (int second = 10; second < 100; second++) {
      assertEquals(HOLD, step(busy(16, 25), EVENT, second));
    }
    assertEquals(HOLD, step(busy(16, 15), EVENT, 100));
    assertEquals(HOLD, step(busy(16, 25), EVENT, 104));
    assertEquals(HOLD, step(busy(16, 15), EVENT, 105));
    assertEquals(
        new Decision.LimitReached(
            "0 idle workers < MinSpareThreads 75, but 16 children are the limit"),
        step(busy(16, 25), EVENT, 115));
  }

  @Test
  void doesNotDoubleForTenTurnsAfterAReload() {
    history = history.afterReload(0);
    int children = 5;
    for (int second = 0; second < 12; second++) {
      children += spawned(step(busy(children, 1), PREFORK, second));
    }
    assertEquals(5 + 10 * 1 + 1 + 2, children);
  }

  @Test
  void countsStartingChildrenAsCapacityToCome() {
    settle(EVENT, 3);
    assertEquals(1, spawned(step(busy(3, 25), EVENT, 10)));
    assertEquals(2, spawned(step(fleet(1, false, 25, 25, 25), EVENT, 11)));
    for (int second = 12; second < 30; second++) {
      assertEquals(HOLD, step(fleet(3, false, 25, 25, 25), EVENT, second));
    }
  }

  @Test
  void addsWhatIsMissingWhileWorkersAreIdle() {
    settle(PREFORK, 20);
    assertEquals(1, spawned(step(idle(20, 3), PREFORK, 10)));
    assertEquals(2, spawned(step(idle(21, 3), PREFORK, 11)));
    assertEquals(2, spawned(step(idle(23, 3), PREFORK, 12)), "4 by the rate, but 2 are missing");
  }

  @Test
  void doublesOnceAllChildrenOfTheLastRoundAreBusyAndClientsWait() {
    settle(PREFORK, 20);
    assertEquals(1, spawned(step(waiting(0, 20), PREFORK, 10)));
    assertEquals(2, spawned(step(waiting(1, 20), PREFORK, 11)));
    assertEquals(2, spawned(step(waiting(3, 20), PREFORK, 12)));
    assertEquals(HOLD, step(waiting(5, 20), PREFORK, 13));
    // the first one is ready, and busy at once
    assertEquals(2, spawned(step(waiting(4, 21), PREFORK, 14)));
    assertEquals(HOLD, step(waiting(6, 21), PREFORK, 15));
    assertEquals(1, spawned(step(waiting(4, 23), PREFORK, 16)), "one is missing");
    // all of the second round are
    assertEquals(4, spawned(step(waiting(1, 27), PREFORK, 17)));
  }

  @Test
  void replacesTheDeadAtOnce() {
    settle(EVENT, 3);
    assertEquals(HOLD, step(busy(3, 0), EVENT, 10));
    assertEquals(1, spawned(step(busy(2, 0), EVENT, 10)));
    assertEquals(HOLD, step(fleet(1, false, 0, 0), EVENT, 10));
    assertEquals(2, spawned(step(fleet(0, false, 0), EVENT, 10)));
  }

  @Test
  void doesNotReplaceTheDeadThatAreNotMissed() {
    settle(EVENT, 6);
    assertEquals(HOLD, step(busy(5, 0), EVENT, 10));
  }

  @Test
  void addsChildrenOnceASecond() {
    settle(PREFORK, 5);
    assertEquals(1, spawned(step(busy(5, 1), PREFORK, 10)));
    for (int i = 0; i < 10; i++) {
      assertEquals(HOLD, stepAt(busy(6, 1), PREFORK, 10 * SECOND + i * SECOND / 10));
    }
    assertEquals(2, spawned(step(busy(6, 1), PREFORK, 11)));
  }

  @Test
  void saysWhyInNumbers() {
    assertEquals(new Decision.Spawn(3, "StartServers 3"), step(fleet(0, false), EVENT, 0));
    assertEquals(
        new Decision.Spawn(1, "13 idle workers and 25 starting < MinSpareThreads 75"),
        step(fleet(1, false, 20, 17), EVENT, 1));
    settle(PREFORK, 5);
    assertEquals(
        new Decision.Spawn(1, "1 idle worker < MinSpareServers 5"), step(idle(5, 1), PREFORK, 9));
  }

  // ---- fewer ----

  @Test
  void shrinksToTheSpareMaximum() {
    settle(EVENT, 16);
    List<Decision> taken = new ArrayList<>();
    int children = 16;
    for (int second = 0; second < 100; second++) {
      Decision decision = step(busy(children, 0), EVENT, second);
      if (decision instanceof Decision.Retire retire) {
        assertEquals(
            new Decision.Drain(retire.slot(), "0 connections left"),
            stepRetiring(retire.slot(), second));
        children--;
      }
      if (!decision.equals(HOLD)) {
        taken.add(decision);
      }
    }
    assertEquals(6, taken.size());
    assertEquals(10, children);
  }

  private Decision stepRetiring(int slot, int second) {
    Fleet fleet = new Fleet(0, busy(slot, 0).serving(), List.of(child(slot, 0, 0)), false);
    return step(fleet, EVENT, second);
  }

  @Test
  void retiresOnlyWhatHasBeenTooMuchForAWhile() {
    settle(EVENT, 16);
    assertEquals(HOLD, step(busy(16, 0), EVENT, 0));
    assertEquals(HOLD, step(busy(16, 0), EVENT, 9));
    assertEquals(HOLD, step(busy(16, 20), EVENT, 9));
    assertEquals(HOLD, step(busy(16, 0), EVENT, 10));
    assertEquals(HOLD, step(busy(16, 0), EVENT, 18));
    assertEquals(
        new Decision.Retire(15, "400 idle workers > MaxSpareThreads 250"),
        step(busy(16, 0), EVENT, 19));
  }

  @Test
  void retiresTheChildWithTheFewestConnections() {
    settle(EVENT, 13);
    List<ServingChild> serving = new ArrayList<>(busy(10, 0).serving());
    serving.add(child(12, 7, 0));
    serving.replaceAll(c -> child(c.slot(), 9, 1));
    serving.set(4, child(4, 3, 2));
    serving.set(6, child(6, 3, 1));
    serving.set(7, child(7, 3, 1));
    Fleet fleet = new Fleet(0, serving, List.of(), false);
    assertEquals(7, assertInstanceOf(Decision.Retire.class, step(fleet, EVENT, 20)).slot());
  }

  @Test
  void leavesAMarginAboveTheMinimum() {
    ScalingLimits narrow = new ScalingLimits(ProcessPolicy.DYNAMIC, 2, 16, 25, 75, 101, 0, 0);
    settle(narrow, 6);
    for (int second = 0; second < 60; second++) {
      assertEquals(HOLD, step(fleet(0, false, 9, 9, 9, 8, 7), narrow, second), "111 idle: 12 less");
    }
    settle(narrow, 6);
    assertInstanceOf(Decision.Retire.class, step(fleet(0, false, 9, 9, 9, 8, 2, 0), narrow, 60));
  }

  @Test
  void drainsARetiringChildThatHasSettled() {
    Fleet retiring = retiring();
    assertEquals(HOLD, stepAt(retiring, EVENT, 20 * SECOND + RetirePace.SETTLING_NANOS - 1));
    assertEquals(
        new Decision.Drain(15, "3 connections left"),
        stepAt(retiring, EVENT, 20 * SECOND + RetirePace.SETTLING_NANOS));
  }

  @Test
  void keepsARetiringChildWhenTheLoadRises() {
    Fleet calm = retiring();
    Fleet rising = new Fleet(0, busy(15, 25).serving(), calm.retiring(), true);
    assertEquals(
        new Decision.Keep(15, "0 idle workers < MinSpareThreads 75"), step(rising, EVENT, 21));
    assertEquals(HOLD, step(busy(16, 0), EVENT, 22));
    assertEquals(HOLD, step(busy(16, 0), EVENT, 30));
    assertInstanceOf(Decision.Retire.class, step(busy(16, 0), EVENT, 31));
  }

  @Test
  void retiresNothingWhileAChildStarts() {
    settle(EVENT, 16);
    List<ServingChild> serving = busy(15, 0).serving();
    for (int second = 0; second < 30; second++) {
      assertEquals(HOLD, step(new Fleet(1, serving, List.of(), false), EVENT, second));
    }
  }

  @Test
  void shrinksALargeSurplusFaster() {
    settle(PREFORK, 256);
    assertEquals(7, retiredIn(20, 256), "a 32nd of the 246 that are too many");
    settle(PREFORK, 30);
    assertEquals(1, retiredIn(20, 30));
    assertEquals(1, retiredIn(21, 29));
  }

  @Test
  void losesPatienceWithItselfWhenARetiredChildIsMissed() {
    settle(PREFORK, 30);
    assertEquals(1, retiredIn(20, 30));
    assertEquals(1, spawned(step(busy(29, 1), PREFORK, 25)));
    assertEquals(HOLD, step(busy(30, 0), PREFORK, 26));
    assertEquals(HOLD, step(busy(30, 0), PREFORK, 44));
    assertInstanceOf(Decision.Retire.class, step(busy(30, 0), PREFORK, 45));
  }

  // ---- other policies ----

  @Test
  void staticKeepsAllChildren() {
    ScalingLimits all = new ScalingLimits(ProcessPolicy.STATIC, 3, 8, 25, 75, 250, 0, 0);
    assertEquals(
        new Decision.Spawn(8, "0 children, 8 wanted (static)"), step(fleet(0, false), all, 0));
    assertEquals(HOLD, step(busy(8, 0), all, 100));
    assertEquals(
        new Decision.Spawn(1, "7 children, 8 wanted (static)"), step(busy(7, 25), all, 100));
  }

  @Test
  void goesToThePinnedNumber() {
    ScalingLimits pinned = EVENT.withPinned(5);
    settle(EVENT, 3);
    assertEquals(2, spawned(step(busy(3, 25), pinned, 10)));
    assertEquals(HOLD, step(busy(5, 25), pinned, 11));
    assertEquals(
        new Decision.Retire(6, "7 children, 5 wanted (fixed by the operator)"),
        step(busy(7, 25), pinned, 12));
    Fleet fleet = new Fleet(0, busy(6, 25).serving(), List.of(child(6, 25, 25)), true);
    assertEquals(HOLD, step(fleet, pinned, 13), "busy, but not called back");
    assertEquals(
        new Decision.Keep(6, "6 children, 16 wanted (fixed by the operator)"),
        step(fleet, EVENT.withPinned(99), 14));
  }

  @Test
  void ondemandStartsWithTheFirstClientAndEndsAfterTheLast() {
    ScalingLimits ondemand =
        new ScalingLimits(ProcessPolicy.ONDEMAND, 3, 4, 25, 75, 250, 10 * SECOND, 0);
    assertEquals(HOLD, step(fleet(0, false), ondemand, 0));
    assertEquals(
        new Decision.Spawn(1, "clients wait and 0 idle workers"),
        step(fleet(0, true), ondemand, 5));
    assertEquals(HOLD, step(fleet(1, true), ondemand, 6));
    assertEquals(HOLD, step(fleet(0, true, 3), ondemand, 7));
    assertEquals(HOLD, step(fleet(0, false, 25), ondemand, 8));
    assertEquals(1, spawned(step(fleet(0, true, 25), ondemand, 9)));
    assertEquals(2, spawned(step(fleet(0, true, 25, 25), ondemand, 10)));
    assertInstanceOf(
        Decision.LimitReached.class, step(fleet(0, true, 25, 25, 25, 25), ondemand, 11));

    ServingChild left = new ServingChild(2, 0, 0, 20 * SECOND);
    Fleet idle = new Fleet(0, List.of(left), List.of(), false);
    assertEquals(HOLD, step(idle, ondemand, 29));
    assertEquals(new Decision.Retire(2, "idle for 10 s"), step(idle, ondemand, 30));
    Fleet late = new Fleet(0, List.of(), List.of(child(2, 1, 1)), false);
    assertEquals(new Decision.Keep(2, "1 new connection"), step(late, ondemand, 30));
    assertEquals(new Decision.Retire(2, "idle for 10 s"), step(idle, ondemand, 40));
    Fleet none = new Fleet(0, List.of(), List.of(left), false);
    assertEquals(new Decision.Drain(2, "0 connections left"), step(none, ondemand, 40));
  }

  // ---- limits ----

  @Test
  void takesItsLimitsFromTheConfiguration() {
    MpmConfig event =
        MpmConfig.parse("test", "Listen 127.0.0.1:0\nProcessIdleTimeout 1ms\nMpm event");
    assertEquals(
        new ScalingLimits(ProcessPolicy.DYNAMIC, 3, 16, 25, 75, 250, 1_000_000, 0),
        ScalingLimits.of(event));
    MpmConfig prefork =
        MpmConfig.parse("test", "Listen 127.0.0.1:0\nProcessIdleTimeout 1ms\nMpm prefork");
    assertEquals(
        new ScalingLimits(ProcessPolicy.DYNAMIC, 5, 256, 1, 5, 10, 1_000_000, 0),
        ScalingLimits.of(prefork));
  }

  @Test
  void refusesImpossibleLimits() {
    for (int[] bad : new int[][] {{0, 1, 1, 2}, {1, 0, 1, 2}, {1, 1, -1, 2}, {1, 1, 3, 2}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new ScalingLimits(ProcessPolicy.DYNAMIC, 1, bad[0], bad[1], bad[2], bad[3], 0, 0));
    }
  }

  // ---- the fleets ----

  /// The children after each second, when all workers are busy at once, until the limit stops it.
  private List<Integer> growth(ScalingLimits limits) {
    List<Integer> sizes = new ArrayList<>();
    int children = 0;
    for (int second = 0; second < 100; second++) {
      Decision decision = step(busy(children, limits.workersPerChild()), limits, second);
      if (decision instanceof Decision.LimitReached) {
        return sizes;
      }
      children += spawned(decision);
      sizes.add(children);
    }
    return sizes;
  }

  /// An idle child retires at second 20, and is seen with three connections after that.
  private Fleet retiring() {
    settle(EVENT, 16);
    assertInstanceOf(Decision.Retire.class, step(busy(16, 0), EVENT, 20));
    return new Fleet(0, busy(15, 0).serving(), List.of(child(15, 3, 1)), false);
  }

  /// How many of so many idle children are retired and drained at one moment.
  private int retiredIn(int second, int children) {
    int left = children;
    while (step(busy(left, 0), PREFORK, second) instanceof Decision.Retire retire) {
      left--;
      List<ServingChild> retiring = List.of(child(retire.slot(), 0, 0));
      assertInstanceOf(
          Decision.Drain.class,
          step(new Fleet(0, busy(left, 0).serving(), retiring, false), PREFORK, second));
    }
    return children - left;
  }

  /// Forgets everything: at second 0 there are so many children, which were not started here, and
  /// nothing has happened for long.
  private void settle(ScalingLimits limits, int children) {
    history = History.start(-100 * SECOND).afterReload(-100 * SECOND);
    history = history.withRate(SpawnRate.start(-100 * SECOND));
    history = Autoscaler.step(busy(children, 0), limits.withPinned(children), history, 0).history();
    history = history.withPace(history.pace().noSurplus(0));
  }

  private Decision step(Fleet fleet, ScalingLimits limits, int second) {
    return stepAt(fleet, limits, second * SECOND);
  }

  private Decision stepAt(Fleet fleet, ScalingLimits limits, long now) {
    Step step = Autoscaler.step(fleet, limits, history, now);
    history = step.history();
    return step.decision();
  }

  private static int spawned(Decision decision) {
    return assertInstanceOf(Decision.Spawn.class, decision).children();
  }

  private static Fleet busy(int children, int busyWorkers) {
    return fleet(0, false, IntStream.generate(() -> busyWorkers).limit(children).toArray());
  }

  private static Fleet idle(int children, int idle) {
    return fleet(0, false, IntStream.range(0, children).map(i -> i < idle ? 0 : 1).toArray());
  }

  private static Fleet waiting(int starting, int serving) {
    return fleet(starting, true, IntStream.generate(() -> 1).limit(serving).toArray());
  }

  private static Fleet fleet(int starting, boolean waiting, int... busy) {
    List<ServingChild> serving =
        IntStream.range(0, busy.length).mapToObj(i -> child(i, busy[i], busy[i])).toList();
    return new Fleet(starting, serving, List.of(), waiting);
  }

  private static ServingChild child(int slot, int connections, int busy) {
    return new ServingChild(slot, connections, busy, 0);
  }
}
