package org.mpm4j.impl.scaling;

import java.util.Comparator;
import java.util.List;

/// Decides how many children there should be. A pure function: the same arguments give the same
/// decision, and time is an argument.
///
/// The rules, what httpd does and why some differ are told in docs/autoscaling.md.
public final class Autoscaler {
  private static final Comparator<ServingChild> LEAST_LOADED =
      Comparator.comparingInt(ServingChild::connections)
          .thenComparingInt(ServingChild::busyWorkers)
          .thenComparing(Comparator.comparingInt(ServingChild::slot).reversed());

  private final Fleet fleet;
  private final ScalingLimits limits;
  private final History history;
  private final long now;
  private final int idleNow; // workers of the serving children
  private final int idle; // with those of the starting ones: capacity to come

  private Autoscaler(Fleet fleet, ScalingLimits limits, History history, long now) {
    this.fleet = fleet;
    this.limits = limits;
    this.history = history;
    this.now = now;
    idleNow = fleet.idleWorkers(limits.workersPerChild());
    idle = idleNow + fleet.starting() * limits.workersPerChild();
  }

  /// Takes one decision.
  ///
  /// The caller carries it out and gives the history that came with it to the next step, or, if it
  /// could not or did not want to, gives the old one again. It asks on every event (a child became
  /// ready or died, clients wait) and at least once a second. After any decision but
  /// [Decision.Hold] and [Decision.LimitReached] the fleet is another one, and it asks again at
  /// once: a child without connections, for example, is retired and drained in two steps of one
  /// moment.
  ///
  /// @param fleet the children as they are now
  /// @param limits the bounds; they may change between two steps
  /// @param history what the last step returned, or [History#start]
  /// @param nowNanos the time, monotonic, of any origin
  public static Step step(Fleet fleet, ScalingLimits limits, History history, long nowNanos) {
    Step step = new Autoscaler(fleet, limits, history, nowNanos).step();
    int change =
        switch (step.decision()) {
          case Decision.Spawn spawn -> spawn.children();
          case Decision.Drain _ -> -1;
          case Decision.Hold _, Decision.Retire _, Decision.Keep _, Decision.LimitReached _ -> 0;
        };
    return new Step(step.decision(), step.history().with(fleet.total() + change));
  }

  private Step step() {
    if (limits.pinned() > 0) {
      return keepAt(Math.min(limits.pinned(), limits.childLimit()), "fixed by the operator");
    }
    return switch (limits.policy()) {
      case DYNAMIC -> keepSpare();
      case STATIC -> keepAt(limits.childLimit(), "static");
      case ONDEMAND -> followClients();
    };
  }

  // ---- the policies ----

  private Step keepSpare() {
    int first = Math.min(limits.startServers(), limits.childLimit());
    if (!history.seeded() && fleet.total() < first) {
      int missing = first - fleet.total();
      return spawn(
          history.withRate(history.rate().spent(now)),
          missing,
          "StartServers " + limits.startServers());
    }
    if (idle < limits.minSpare() || fleet.staying() == 0) {
      return grow(children(limits.minSpare() - idle), idleWorkers() + below());
    }
    History seen = idleNow < limits.minSpare() ? history : noNeed();
    if (!fleet.retiring().isEmpty()) {
      return settle(seen);
    }
    if (!surplus()) {
      return hold(seen.withPace(seen.pace().noSurplus(now)));
    }
    if (!seen.pace().patienceIsOver(now)) {
      return hold(seen);
    }
    return retire(
        seen,
        fleet.serving(),
        children(idle - limits.maxSpare()),
        idleWorkers() + " > " + directive("MaxSpare") + " " + limits.maxSpare());
  }

  private Step keepAt(int target, String by) {
    int staying = fleet.staying();
    String why = count(staying, "child", "children") + ", " + target + " wanted (" + by + ")";
    if (staying < target) {
      return fleet.retiring().isEmpty()
          ? spawn(noNeed(), target - staying, why)
          : keep(fleet.retiring().getFirst(), why);
    }
    if (!fleet.retiring().isEmpty()) {
      return settle(noNeed());
    }
    return staying > target
        ? retire(noNeed(), fleet.serving(), staying - target, why)
        : hold(noNeed());
  }

  private Step followClients() {
    if (fleet.waitingClients() && idle == 0) {
      return grow(1, "clients wait and " + idleWorkers());
    }
    History seen = idleNow == 0 ? history : noNeed();
    if (!fleet.retiring().isEmpty()) {
      ServingChild retiring = fleet.retiring().getFirst();
      return retiring.empty()
          ? settle(seen)
          : keep(retiring, count(retiring.connections(), "new connection", "new connections"));
    }
    List<ServingChild> expired =
        fleet.serving().stream()
            .filter(child -> child.empty() && now - child.idleSinceNanos() >= timeout())
            .toList();
    if (expired.isEmpty()) {
      return hold(seen);
    }
    return retire(seen, expired, expired.size(), "idle for " + seconds(timeout()));
  }

  // ---- more ----

  /// @param missing the children whose workers would make up for those that are missing
  private Step grow(int missing, String why) {
    History seen = history.withPace(history.pace().noSurplus(now));
    if (!fleet.retiring().isEmpty()) {
      return keep(fleet.retiring().getFirst(), why);
    }
    int room = limits.childLimit() - fleet.total();
    if (room <= 0) {
      return limitReached(seen, why);
    }
    SpawnRate rate = seen.rate();
    int wanted = Math.max(1, missing);
    int replaced = Math.min(rate.lost(fleet), wanted);
    if (rate.due(now)) {
      boolean guess = rate.mayGuess(fleet, idleNow == 0);
      int added = Math.min(room, Math.max(replaced, rate.turn(wanted, guess)));
      RetirePace pace = replaced > 0 ? seen.pace() : seen.pace().missed(rate.lastNanos(), now);
      return spawn(
          seen.withRate(rate.afterTurn(fleet, added, guess, now)).withPace(pace), added, why);
    }
    return replaced > 0 ? spawn(seen, Math.min(room, replaced), why) : hold(seen);
  }

  private Step limitReached(History seen, String why) {
    boolean told = now - seen.limitedAtNanos() < History.EPISODE_NANOS;
    History after = seen.withRate(seen.rate().reset()).limited(now);
    return told
        ? hold(after)
        : new Step(
            new Decision.LimitReached(
                why + ", but " + count(fleet.total(), "child is", "children are") + " the limit"),
            after);
  }

  // ---- fewer ----

  /// Enough idle workers that one child fewer would leave more than the minimum: else a steady load
  /// near the minimum could have a child retired and spawned in turn.
  private boolean surplus() {
    int perChild = limits.workersPerChild();
    return fleet.starting() == 0
        && fleet.serving().size() > 1
        && idle > limits.maxSpare()
        && idle - perChild >= limits.minSpare() + (perChild + 1) / 2;
  }

  /// @param surplus the children that are too many
  private Step retire(History seen, List<ServingChild> candidates, int surplus, String why) {
    // what starts may fail, so nothing is given up for it
    if (fleet.starting() > 0 || candidates.isEmpty() || !seen.pace().due(now)) {
      return hold(seen);
    }
    ServingChild victim = candidates.stream().min(LEAST_LOADED).orElseThrow();
    return new Step(
        new Decision.Retire(victim.slot(), why), seen.withPace(seen.pace().began(surplus, now)));
  }

  private Step settle(History seen) {
    ServingChild retiring = fleet.retiring().getFirst();
    if (!retiring.empty() && !seen.pace().settled(now)) {
      return hold(seen);
    }
    return new Step(
        new Decision.Drain(
            retiring.slot(), count(retiring.connections(), "connection", "connections") + " left"),
        seen.withPace(seen.pace().ended(now)));
  }

  // ---- the steps ----

  private static Step hold(History history) {
    return new Step(new Decision.Hold(), history);
  }

  private static Step spawn(History history, int children, String why) {
    return new Step(new Decision.Spawn(children, why), history);
  }

  private Step keep(ServingChild retiring, String why) {
    return new Step(
        new Decision.Keep(retiring.slot(), why), history.withPace(history.pace().noSurplus(now)));
  }

  private History noNeed() {
    return history.withRate(history.rate().reset());
  }

  // ---- numbers and words ----

  /// The children that have so many workers.
  private int children(int workers) {
    return Math.ceilDiv(workers, limits.workersPerChild());
  }

  private long timeout() {
    return limits.idleTimeoutNanos();
  }

  private String idleWorkers() {
    return count(idleNow, "idle worker", "idle workers")
        + (fleet.starting() > 0 ? " and " + (idle - idleNow) + " starting" : "");
  }

  private String below() {
    return idle < limits.minSpare()
        ? " < " + directive("MinSpare") + " " + limits.minSpare()
        : " and no child";
  }

  private String directive(String spare) {
    return spare + (limits.workersPerChild() == 1 ? "Servers" : "Threads");
  }

  private static String count(int number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }

  private static String seconds(long nanos) {
    return nanos / 1_000_000_000 + " s";
  }
}
