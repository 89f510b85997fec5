package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class BarTest {
  private static Bar bar(Results results, String text) {
    return Bar.all(results).stream()
        .filter(it -> it.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new AssertionError(Bar.all(results)));
  }

  @Test
  void whatWasNotMeasuredIsNeitherMetNorMissed() {
    assertTrue(Bar.all(new Results()).stream().allMatch(it -> it.verdict().equals("not measured")));
  }

  @Test
  void aBarIsMetAtItsNumber() {
    assertEquals("met", new Bar("", ">=", 1.2, OptionalDouble.of(1.2)).verdict());
    assertEquals("not met", new Bar("", ">=", 1.2, OptionalDouble.of(1.19)).verdict());
    assertEquals("met", new Bar("", "<=", 0.9, OptionalDouble.of(0.9)).verdict());
    assertEquals("not met", new Bar("", "<=", 0.9, OptionalDouble.of(0.91)).verdict());
    assertEquals("not met", new Bar("", ">", 1, OptionalDouble.of(1)).verdict());
    assertEquals("1.00", new Bar("", ">=", 1, OptionalDouble.of(1.004)).shown());
    assertEquals("0.996", new Bar("", ">=", 1, OptionalDouble.of(0.996)).shown());
  }

  @Test
  void eventIsComparedWithTheBestOfTheJavaServers() {
    Results results = new Results();
    results.add(Runs.round("event", Scenario.CHURN, 1, 3_000));
    results.add(Runs.round("netty", Scenario.CHURN, 1, 1_000));
    results.add(Runs.round("jetty", Scenario.CHURN, 1, 2_000));
    results.add(Runs.round("nginx", Scenario.CHURN, 1, 9_000)); // no Java server
    Bar best = bar(results, "churn: event / the best other Java server");
    assertEquals(OptionalDouble.of(1.5), best.measured());
    assertEquals("not met", best.verdict());
  }

  @Test
  void blockingIsComparedWithWhatTheThreadsCanDo() {
    Results results = new Results();
    results.add(Runs.round("event", Scenario.BLOCKING_5MS, 1, 12_800));
    Bar share = bar(results, "blocking-5ms: event / (64 threads / 5 ms)");
    assertEquals(1.0, share.measured().orElseThrow(), 1e-9);
    assertEquals("met", share.verdict());
  }

  @Test
  void idleConnectionsAreComparedWithTheSameServerWithoutThem() {
    Results results = new Results();
    results.add(Runs.round("event", Scenario.KEEP_ALIVE_64, 1, 1_000));
    results.add(Runs.round("event", Scenario.IDLE_10000, 1, 900));
    assertEquals("not met", bar(results, "event: idle-10000 / keep-alive-64").verdict());
  }
}
