package org.mpm4j.examples.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Child;
import org.mpm4j.MpmStatus.Connections;
import org.mpm4j.MpmStatus.Counters;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.ProcessModel;

final class MpmMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private MpmStatus status = status(1, Counters.NONE);

  @AfterEach
  void close() {
    registry.close();
  }

  private static MpmStatus status(int generation, Counters totals) {
    Child child =
        new Child(
            new ChildId(0, 4711, generation),
            State.READY,
            "",
            Duration.ZERO,
            7,
            3,
            25,
            0,
            new Connections(3, 0, 0, 4, 0, 0),
            totals,
            List.of());
    return new MpmStatus(
        ProcessModel.EVENT,
        generation,
        Phase.RUNNING,
        Instant.EPOCH,
        List.of(child),
        List.of(),
        16,
        0,
        new Breaker(BreakerState.CLOSED, 0, Duration.ZERO, ""),
        Optional.empty(),
        Instant.EPOCH,
        totals,
        List.of());
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private double count(String name) {
    return registry.get(name).functionCounter().count();
  }

  private double timeouts(String kind) {
    return registry.get("mpm4j.timeouts").tag("kind", kind).functionCounter().count();
  }

  @Test
  void followsTheServer() {
    new MpmMeters(() -> status).bindTo(registry);
    assertEquals(0, count("mpm4j.connections.accepted"));
    status = status(2, new Counters(100, 2000, Duration.ofMillis(1500), 40, 60, 5, 6, 7, 8));
    assertEquals(25, gauge("mpm4j.workers"));
    assertEquals(3, gauge("mpm4j.workers.busy"));
    assertEquals(7, gauge("mpm4j.connections"));
    assertEquals(1, gauge("mpm4j.children"));
    assertEquals(16, gauge("mpm4j.child.limit"));
    assertEquals(2, gauge("mpm4j.generation"));
    assertEquals(100, registry.get("mpm4j.requests").functionTimer().count());
    assertEquals(
        1500, registry.get("mpm4j.requests").functionTimer().totalTime(TimeUnit.MILLISECONDS));
    assertEquals(2000, count("mpm4j.sent"));
    assertEquals(40, count("mpm4j.connections.accepted"));
    assertEquals(8, count("mpm4j.connections.rejected"));
    assertEquals(5, timeouts("keep-alive"));
    assertEquals(6, timeouts("read"));
    assertEquals(7, timeouts("write"));
  }
}
