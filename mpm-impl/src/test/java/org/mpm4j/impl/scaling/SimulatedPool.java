package org.mpm4j.impl.scaling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;

/// Children on a virtual clock: they take a while to start, serve requests of random length, each
/// worker one at a time, and end when they are told to and have answered.
final class SimulatedPool {
  /// How long a request takes on average.
  static final long REQUEST_NANOS = 500_000_000;

  enum State {
    STARTING,
    SERVING,
    RETIRING,
    DRAINING
  }

  private static final class Child {
    final int slot;
    final long readyAt;
    State state = State.STARTING;
    int busy;
    long idleSince;

    Child(int slot, long readyAt) {
      this.slot = slot;
      this.readyAt = readyAt;
    }
  }

  private final int workersPerChild;
  private final LongSupplier bootNanos;
  private final Random random;
  private final List<Child> children = new ArrayList<>();
  private int waiting;
  private int started;
  private int stopped;
  private long now;

  SimulatedPool(int workersPerChild, LongSupplier bootNanos, Random random) {
    this.workersPerChild = workersPerChild;
    this.bootNanos = bootNanos;
    this.random = random;
  }

  // ---- what a rule may do ----

  void spawn(int count) {
    started += count;
    for (int i = 0; i < count; i++) {
      int slot = 0;
      while (taken(slot)) {
        slot++;
      }
      children.add(new Child(slot, now + bootNanos.getAsLong()));
    }
    boot();
  }

  void to(State state, int slot) {
    find(slot).state = state;
    if (state == State.DRAINING) {
      stopped++;
    }
    reap();
  }

  void kill(int slot) {
    children.remove(find(slot));
  }

  // ---- what a rule may see ----

  Fleet fleet() {
    return new Fleet(count(State.STARTING), seen(State.SERVING), seen(State.RETIRING), waiting > 0);
  }

  int count(State state) {
    return (int) children.stream().filter(c -> c.state == state).count();
  }

  /// Children that were spawned so far.
  int started() {
    return started;
  }

  /// Children that were told to end so far.
  int stopped() {
    return stopped;
  }

  int children() {
    return children.size();
  }

  /// Requests that no worker has taken.
  int waiting() {
    return waiting;
  }

  // ---- time ----

  /// Time passes, and at its end there are `demand` requests, in service or waiting.
  void advance(long nanos, int demand) {
    now += nanos;
    boot();
    double ends = (double) nanos / REQUEST_NANOS;
    int inService = 0;
    for (Child child : children) {
      for (int worker = child.busy; worker > 0; worker--) {
        if (random.nextDouble() < ends) {
          child.busy--;
        }
      }
      inService += child.busy;
    }
    waiting = Math.max(0, demand - inService);
    dispatch();
    for (Child child : children) {
      if (child.busy > 0) {
        child.idleSince = now;
      }
    }
    reap();
  }

  private void boot() {
    for (Child child : children) {
      if (child.state == State.STARTING && now - child.readyAt >= 0) {
        child.state = State.SERVING;
        child.idleSince = now;
      }
    }
  }

  /// To the child that has least to do: the children share fairly.
  private void dispatch() {
    while (waiting > 0) {
      Optional<Child> child =
          children.stream()
              .filter(c -> c.state == State.SERVING && c.busy < workersPerChild)
              .min(Comparator.comparingInt(c -> c.busy));
      if (child.isEmpty()) {
        return;
      }
      child.get().busy++;
      waiting--;
    }
  }

  private void reap() {
    children.removeIf(c -> c.state == State.DRAINING && c.busy == 0);
  }

  private boolean taken(int slot) {
    return children.stream().anyMatch(c -> c.slot == slot);
  }

  private Child find(int slot) {
    return children.stream().filter(c -> c.slot == slot).findFirst().orElseThrow();
  }

  private List<ServingChild> seen(State state) {
    return children.stream()
        .filter(c -> c.state == state)
        .map(c -> new ServingChild(c.slot, c.busy, c.busy, c.idleSince))
        .toList();
  }
}
