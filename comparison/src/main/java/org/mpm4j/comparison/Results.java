package org.mpm4j.comparison;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/// All that was measured, and what follows from it. Not for concurrent use.
final class Results {
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final Map<String, RawAnswer> answers = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();

  /// A scenario that could not be measured.
  record Failure(String server, Scenario scenario, int round, String reason) {}

  void add(Measurement measurement) {
    measurements.add(measurement);
  }

  void add(Failure failure) {
    failures.add(failure);
  }

  /// Keeps what a server answered to its first request.
  void addAnswer(String server, RawAnswer answer) {
    answers.put(server, answer);
  }

  /// Keeps why a server takes no part at all.
  void addMissing(String server, String reason) {
    missing.put(server, reason);
  }

  List<Measurement> measurements() {
    return List.copyOf(measurements);
  }

  List<Failure> failures() {
    return List.copyOf(failures);
  }

  Map<String, RawAnswer> answers() {
    return answers;
  }

  Map<String, String> missing() {
    return missing;
  }

  /// One of each round in which it could be measured.
  List<Measurement> of(String server, Scenario scenario) {
    return measurements.stream()
        .filter(it -> it.server().equals(server) && it.scenario() == scenario)
        .toList();
  }

  /// The median over the rounds; empty if there was none.
  OptionalDouble median(String server, Scenario scenario, ToDoubleFunction<Measurement> metric) {
    return median(of(server, scenario).stream().mapToDouble(metric));
  }

  /// How one server compares with another, as the median of the ratios of each round.
  OptionalDouble ratio(
      String server, String other, Scenario scenario, ToDoubleFunction<Measurement> metric) {
    return ratio(server, scenario, other, scenario, metric);
  }

  /// The same for two scenarios.
  OptionalDouble ratio(
      String server,
      Scenario scenario,
      String other,
      Scenario otherScenario,
      ToDoubleFunction<Measurement> metric) {
    DoubleStream.Builder ratios = DoubleStream.builder();
    for (Measurement measurement : of(server, scenario)) {
      Optional<Measurement> match =
          of(other, otherScenario).stream()
              .filter(it -> it.round() == measurement.round())
              .filter(it -> metric.applyAsDouble(it) > 0)
              .findFirst();
      match.ifPresent(
          it -> ratios.add(metric.applyAsDouble(measurement) / metric.applyAsDouble(it)));
    }
    return median(ratios.build());
  }

  /// All errors of all rounds.
  long errors(String server, Scenario scenario) {
    return of(server, scenario).stream().mapToLong(Measurement::errors).sum();
  }

  /// The middle of the values, or the mean of the two in the middle.
  static OptionalDouble median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? OptionalDouble.of(sorted[middle])
        : Arrays.stream(sorted, middle - 1, middle + 1).average();
  }
}
