package org.mpm4j.status;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Child;
import org.mpm4j.MpmStatus.Connections;
import org.mpm4j.MpmStatus.Counters;
import org.mpm4j.MpmStatus.Ended;
import org.mpm4j.MpmStatus.Happening;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.MpmStatus.Worker;
import org.mpm4j.ProcessModel;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.WorkerStatus;

/// Servers as they might be.
final class Samples {
  static final Instant STARTED = Instant.parse("2026-03-01T08:00:00Z");
  static final Instant NOW = STARTED.plus(Duration.parse("PT26H3M7S"));

  private static final int WORKERS = 10;

  private Samples() {}

  /// A page whose machine and zone are always the same.
  static StatusPage page() {
    return new StatusPage(
        "www.example.org",
        ZoneId.of("UTC"),
        _ ->
            new Machine(
                new Machine.Load(0.42, 1.5, 12), new Machine.Cpu(3205.17, 204.5, 0.25, 0.013)));
  }

  static Counters counters(long accesses) {
    return new Counters(
        accesses,
        accesses * 5120 + 77,
        Duration.ofMillis(accesses * 12),
        accesses / 7,
        accesses - accesses / 7,
        accesses / 9,
        accesses / 5000,
        accesses / 9000,
        accesses / 3000);
  }

  /// Threads with the statuses that `letters` name.
  static List<Worker> workers(String letters, String client, String request) {
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < letters.length(); i++) {
      WorkerStatus status = status(letters.charAt(i));
      Duration since = Duration.ofMillis(40L + 1733L * i * i);
      workers.add(new Worker(status, counters(100L * i), client, request, since));
    }
    return workers;
  }

  private static WorkerStatus status(char letter) {
    for (WorkerStatus status : WorkerStatus.values()) {
      if (status.letter() == letter) {
        return status;
      }
    }
    throw new IllegalArgumentException("letter " + letter);
  }

  static Child child(int slot, int generation, State state, String why, List<Worker> threads) {
    int busy = (int) threads.stream().filter(worker -> worker.status().busy()).count();
    return new Child(
        new ChildId(slot, 4711 + slot, generation),
        state,
        why,
        Duration.ofSeconds(90 + 3600L * slot),
        busy + 31,
        busy,
        WORKERS,
        (130L + slot) << 20,
        new Connections(busy, 3, 2, 20, 5, 1),
        counters(20_000L + slot),
        threads);
  }

  /// Two children that serve, one that starts, one that drains.
  static MpmStatus event(String client, String request) {
    return new MpmStatus(
        ProcessModel.EVENT,
        3,
        MpmStatus.Phase.RELOADING,
        STARTED,
        List.of(
            child(0, 3, State.READY, "", workers("WRK_WWC____", client, request)),
            child(1, 3, State.READY, "", workers("_W_K", client, request)),
            child(2, 3, State.STARTING, "", List.of()),
            child(4, 2, State.DRAINING, "reload", workers("WW_._", client, request))),
        List.of(new Ended(new ChildId(3, 4700, 2), "signal 9")),
        6,
        0,
        new Breaker(BreakerState.CLOSED, 0, Duration.ZERO, ""),
        Optional.of(new ReloadVerdict.Succeeded(3, Duration.ofMillis(812))),
        NOW,
        counters(1_234_567),
        List.of(
            new Happening(NOW.minusSeconds(2), "child 4 (pid 4715, generation 2) draining: reload"),
            new Happening(
                NOW.minusSeconds(3), "child 1 (pid 4712, generation 3) ready after 311 ms"),
            new Happening(NOW.minusSeconds(4), "reload to generation 3 started")));
  }

  static MpmStatus event() {
    return event("192.0.2.17", "GET /shop/search?q=a&page=2 HTTP/1.1");
  }

  /// A server that has only begun, and has trouble with that.
  static MpmStatus prefork() {
    return new MpmStatus(
        ProcessModel.PREFORK,
        0,
        MpmStatus.Phase.STARTING,
        NOW,
        List.of(),
        List.of(),
        4,
        2,
        new Breaker(BreakerState.OPEN, 11, Duration.ofMillis(2500), "11 died\nwithin 60 s"),
        Optional.of(new ReloadVerdict.Refused(0, "line 3: \"<b>\" is no number")),
        NOW,
        Counters.NONE,
        List.of());
  }

  static MpmStatus with(MpmStatus status, Instant at, Counters totals) {
    return new MpmStatus(
        status.model(),
        status.generation(),
        status.phase(),
        status.startedAt(),
        status.children(),
        status.ended(),
        status.childLimit(),
        status.pinned(),
        status.breaker(),
        status.lastReload(),
        at,
        totals,
        status.recent());
  }
}
