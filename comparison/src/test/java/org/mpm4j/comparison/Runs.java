package org.mpm4j.comparison;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Made-up measurements for tests.
final class Runs {
  private Runs() {}

  /// A round in which nothing went wrong, with a time of 10 µs for each request.
  static Measurement round(String server, Scenario scenario, int round, long perSecond) {
    return new Measurement(
        server,
        scenario,
        round,
        new LoadResult(perSecond * 2, 2, 500, 2_000, 9_000, 0, 0),
        10,
        50L << 20,
        OptionalDouble.empty(),
        0);
  }

  /// A report of event, nginx and the floor.
  static Report report(Results results, Scenario... scenarios) {
    return new Report(
        "Run of a day",
        Map.of("machine", "two \"cores\""),
        new Settings(
            Choice.contenders(List.of("event", "nginx", "floor")), List.of(scenarios), 3, 2, 3),
        results);
  }
}
