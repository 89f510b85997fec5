package org.mpm4j.comparison;

import java.util.Locale;

/// The lines of the table in the terminal. Pure text.
final class ProgressLine {
  private static final String FORMAT = "%5s  %-13s %-19s %10s %9s %8s %9s %9s %9s %7s";

  static final String HEADER =
      FORMAT.formatted(
          "round",
          "server",
          "scenario",
          "req/s",
          "CPU µs",
          "MB",
          "p50 ms",
          "p99 ms",
          "p99.9 ms",
          "errors");

  private ProgressLine() {}

  static String of(Contender contender, Measurement it) {
    return FORMAT.formatted(
        it.round(),
        contender.word(),
        it.scenario().word(),
        Numbers.whole(it.requestsPerSecond()),
        Numbers.tenths(it.cpuMicrosPerRequest()),
        Numbers.megabytes((double) it.pssBytes()),
        Numbers.millis((double) it.load().p50Micros()),
        Numbers.millis((double) it.load().p99Micros()),
        Numbers.millis((double) it.load().p999Micros()),
        Long.toString(it.errors()));
  }

  static String failed(Contender contender, Scenario scenario, int round, String reason) {
    return String.format(
        Locale.ROOT,
        "%5d  %-13s %-19s failed: %s",
        round,
        contender.word(),
        scenario.word(),
        reason);
  }
}
