package org.mpm4j.comparison;

import static org.mpm4j.comparison.Scenario.AB;
import static org.mpm4j.comparison.Scenario.AB_KEEP_ALIVE;
import static org.mpm4j.comparison.Scenario.BLOCKING_5MS;
import static org.mpm4j.comparison.Scenario.CHURN;
import static org.mpm4j.comparison.Scenario.IDLE_10000;
import static org.mpm4j.comparison.Scenario.KEEP_ALIVE_1000;
import static org.mpm4j.comparison.Scenario.KEEP_ALIVE_64;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// What mpm4j is meant to reach, and whether it does.
///
/// @param text what is measured
/// @param sign `>=`, `>` or `<=`
/// @param wanted the number to compare with
/// @param measured empty if a part of it was not measured
record Bar(String text, String sign, double wanted, OptionalDouble measured) {
  private static final String NOT_MET = "not met";
  private static final ToDoubleFunction<Measurement> RATE = Measurement::requestsPerSecond;
  private static final List<String> JAVA =
      Contenders.all().stream()
          .filter(it -> it.kind() == Contender.Kind.JAVA)
          .map(Contender::word)
          .toList();

  /// `met`, `not met` or `not measured`.
  String verdict() {
    if (measured.isEmpty()) {
      return "not measured";
    }
    double value = measured.getAsDouble();
    boolean met =
        switch (sign) {
          case ">=" -> value >= wanted;
          case ">" -> value > wanted;
          default -> value <= wanted;
        };
    return met ? "met" : NOT_MET;
  }

  /// The bars, in the order of their table.
  static List<Bar> all(Results results) {
    List<Bar> bars = new ArrayList<>();
    bars.add(rate(results, "event", "nginx", KEEP_ALIVE_64, 1.2));
    bars.add(rate(results, "event", "netty", KEEP_ALIVE_64, 1.0));
    bars.add(rate(results, "event", "httpd-event", KEEP_ALIVE_64, 4));
    bars.add(rate(results, "event", "floor", KEEP_ALIVE_64, 0.85));
    bars.add(
        new Bar(
            "keep-alive-64: CPU per request, event / nginx",
            "<=",
            0.9,
            results.ratio("event", "nginx", KEEP_ALIVE_64, Measurement::cpuMicrosPerRequest)));
    bars.add(
        new Bar(
            "blocking-5ms: event / (" + Contenders.THREADS + " threads / 5 ms)",
            ">=",
            0.95,
            scaled(results.median("event", BLOCKING_5MS, RATE), Contenders.THREADS / 0.005)));
    bars.add(best(results, BLOCKING_5MS, 1.0));
    bars.add(rate(results, "event", "nginx", CHURN, 0.8));
    bars.add(best(results, CHURN, 2));
    bars.add(
        new Bar(
            "event: idle-10000 / keep-alive-64",
            ">=",
            0.95,
            results.ratio("event", IDLE_10000, "event", KEEP_ALIVE_64, RATE)));
    bars.add(
        new Bar(
            "event: bytes of memory per idle connection", "<=", 1024, perIdle(results, "event")));
    bars.add(
        new Bar(
            "keep-alive-1000: p99, event / nginx",
            "<=",
            1.0,
            results.ratio("event", "nginx", KEEP_ALIVE_1000, it -> it.load().p99Micros())));
    bars.add(rate(results, "worker", "httpd-worker", KEEP_ALIVE_64, 3));
    bars.add(rate(results, "prefork", "httpd-prefork", KEEP_ALIVE_64, 1.5));
    for (Scenario scenario : List.of(AB, AB_KEEP_ALIVE)) {
      bars.add(above(results, "event", "worker", scenario));
      bars.add(above(results, "worker", "prefork", scenario));
      for (String model : List.of("event", "worker", "prefork")) {
        bars.add(above(results, model, "httpd-" + model, scenario));
      }
    }
    return bars;
  }

  private static String text(Scenario scenario, String server, String other) {
    return scenario.word() + ": " + server + " / " + other;
  }

  private static Bar rate(
      Results results, String server, String other, Scenario scenario, double wanted) {
    return new Bar(
        text(scenario, server, other), ">=", wanted, results.ratio(server, other, scenario, RATE));
  }

  private static Bar above(Results results, String server, String other, Scenario scenario) {
    return new Bar(
        text(scenario, server, other), ">", 1, results.ratio(server, other, scenario, RATE));
  }

  /// Event beside the best of the Java servers: the least of the ratios.
  private static Bar best(Results results, Scenario scenario, double wanted) {
    OptionalDouble least =
        JAVA.stream()
            .map(other -> results.ratio("event", other, scenario, RATE))
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .min();
    return new Bar(text(scenario, "event", "the best other Java server"), ">=", wanted, least);
  }

  /// The median of what an idle connection takes.
  static OptionalDouble perIdle(Results results, String server) {
    return Results.median(
        results.of(server, IDLE_10000).stream()
            .filter(it -> it.bytesPerIdle().isPresent())
            .mapToDouble(it -> it.bytesPerIdle().getAsDouble()));
  }

  private static OptionalDouble scaled(OptionalDouble value, double unit) {
    return value.isPresent() ? OptionalDouble.of(value.getAsDouble() / unit) : value;
  }

  /// The number to compare with, with its sign.
  String limit() {
    return sign + " " + number(wanted);
  }

  /// What was measured, as text: with one digit more where a miss would look like what was wanted.
  String shown() {
    if (measured.isEmpty()) {
      return Numbers.NONE;
    }
    String shown = number(measured.getAsDouble());
    return verdict().equals(NOT_MET) && shown.equals(number(wanted))
        ? String.format(Locale.ROOT, "%.3f", measured.getAsDouble())
        : shown;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
  }
}
