package org.mpm4j.impl.supervisor;

import java.util.Comparator;
import java.util.List;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.ProcessPolicy;
import org.mpm4j.impl.scaling.Autoscaler;
import org.mpm4j.impl.scaling.Decision;
import org.mpm4j.impl.scaling.Fleet;
import org.mpm4j.impl.scaling.History;
import org.mpm4j.impl.scaling.ScalingLimits;
import org.mpm4j.impl.scaling.ServingChild;
import org.mpm4j.impl.scaling.Step;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the autoscaler how many children there should be, and carries it out; replaces children
/// that are worn out. The supervisor's thread only.
final class Scaler {
  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  /// Decisions of one moment: a child that retires and drains, for example. More means that the
  /// autoscaler and what it sees disagree.
  private static final int MOST_STEPS = 8;

  private final Children children;
  private final ChildCare care;
  private final Doorbell doorbell;
  private final SupervisorClock clock;
  private final Events events;
  private History history;
  private int pinned;

  Scaler(
      Children children, ChildCare care, Doorbell doorbell, SupervisorClock clock, Events events) {
    this.children = children;
    this.care = care;
    this.doorbell = doorbell;
    this.clock = clock;
    this.events = events;
    this.history = History.start(clock.now());
  }

  /// Fixes the number of children; 0 follows the load again.
  void pin(int number) {
    pinned = number;
  }

  int pinned() {
    return pinned;
  }

  /// Another generation is in force: an operator's number was meant for the last one.
  void reloaded() {
    history = history.afterReload(clock.now());
    pinned = 0;
  }

  /// Whether the first children of the first generation are ready.
  boolean started(Generation current) {
    return children.serving(current).size() >= current.config().startServers();
  }

  /// How many children of `to` can take over from those of `from` now. The same model needs as many
  /// as before; another one is asked for what is busy now, and for its spare workers.
  int wanted(Generation from, Generation to) {
    MpmConfig config = to.config();
    List<ChildProcess> serving = children.serving(from);
    int same = serving.size() + children.of(from, State.STARTING).size();
    if (config.model() != from.config().model()
        || config.threadsPerChild() != from.config().threadsPerChild()) {
      int busy = serving.stream().mapToInt(c -> c.score().busyWorkers()).sum();
      same = Math.ceilDiv(busy + config.minSpareThreads(), config.threadsPerChild());
    }
    return Math.clamp(same, Math.max(1, config.startServers()), config.childLimit());
  }

  List<ChildProcess> leastLoadedFirst(List<ChildProcess> some) {
    return some.stream()
        .sorted(
            Comparator.comparing((ChildProcess c) -> c.recycleDue == null)
                .thenComparingInt(c -> c.score().connections()))
        .toList();
  }

  /// Does what the load asks for.
  void scale(Generation current) {
    for (int i = 0; i < MOST_STEPS; i++) {
      Step step = Autoscaler.step(fleet(current), limits(current), history, clock.now());
      if (step.decision() instanceof Decision.Spawn && care.allowedStarts() == 0) {
        return; // it decides again when children may be started
      }
      history = step.history();
      if (!carryOut(current, step.decision())) {
        return;
      }
    }
  }

  /// @return whether the fleet is another one, so that there may be more to decide
  private boolean carryOut(Generation current, Decision decision) {
    return switch (decision) {
      case Decision.Hold _ -> false;
      case Decision.Spawn(int wanted, String why) -> start(current, wanted, why) > 0;
      case Decision.Retire(int slot, String why) -> accept(slot, false, why);
      case Decision.Keep(int slot, String why) -> accept(slot, true, why);
      case Decision.Drain(int slot, String why) -> drain(slot, why);
      case Decision.LimitReached(String why) -> {
        events.tell(new LifecycleEvent.LimitReached(why));
        yield false;
      }
    };
  }

  private int start(Generation current, int wanted, String why) {
    int started = 0;
    while (started < Math.min(wanted, care.allowedStarts()) && care.start(current, why, null)) {
      started++;
    }
    return started;
  }

  private boolean accept(int slot, boolean accepting, String why) {
    ChildProcess child = children.inSlot(slot);
    if (child != null) {
      child.accept(accepting, why);
      log.info("{} {}: {}", child, accepting ? "accepts again" : "retiring", why);
    }
    return child != null;
  }

  private boolean drain(int slot, String why) {
    ChildProcess child = children.inSlot(slot);
    if (child != null) {
      care.drain(child, why, false);
    }
    return child != null;
  }

  private Fleet fleet(Generation current) {
    int starting = children.of(current, State.STARTING).size();
    List<ServingChild> serving =
        children.of(current, State.READY).stream().map(this::serving).toList();
    List<ServingChild> retiring =
        children.of(current, State.RETIRING).stream().map(this::serving).toList();
    if (current.config().processManager() == ProcessPolicy.ONDEMAND) {
      doorbell.watch(starting + serving.size() == 0 ? current.listeners() : List.of());
    }
    int workers = current.config().threadsPerChild();
    boolean waits =
        serving.stream().allMatch(child -> child.busyWorkers() >= workers)
            && doorbell.clientWaits(current.listeners());
    return new Fleet(starting, serving, retiring, waits);
  }

  private ServingChild serving(ChildProcess child) {
    int connections = child.score().connections();
    int busy = child.score().busyWorkers();
    if (connections > 0 || busy > 0) {
      child.idleSince = clock.now();
    }
    return new ServingChild(child.id().slot(), connections, busy, child.idleSince);
  }

  private ScalingLimits limits(Generation current) {
    return ScalingLimits.of(current.config()).withPinned(pinned);
  }

  /// Starts replacements for children that are worn out; those serve until the replacements are
  /// ready. No more than `MaxRecyclingChildren` at a time are on their way.
  void recycle(Generation current) {
    List<ChildProcess> due =
        children.matching(c -> c.isOf(current) && c.is(State.READY) && c.recycleDue != null);
    if (due.isEmpty()) {
      return;
    }
    List<ChildProcess> replacements = children.matching(c -> c.predecessor != null);
    int leaving = children.matching(c -> c.is(State.DRAINING) && c.recycleDue != null).size();
    int most = current.config().maxRecyclingChildren().roundedUp(children.serving(current).size());
    int room = Math.max(1, most) - leaving - replacements.size();
    for (ChildProcess child : due) {
      boolean replaced = replacements.stream().anyMatch(r -> child.equals(r.predecessor));
      if (!replaced && room > 0 && care.allowedStarts() > 0) {
        room--;
        care.start(current, "replaces " + child + ": " + child.recycleDue, child);
      }
    }
  }
}
