package org.mpm4j.comparison;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what the load generators print. Pure functions.
final class LoadOutput {
  private static final String WRK_PREFIX = "compare: ";
  private static final double MICROS = 1e6;
  private static final int MICROS_PER_MILLI = 1000;

  private LoadOutput() {}

  /// Reads the line that `load.lua` makes wrk print at the end.
  ///
  /// @throws IllegalArgumentException if there is none, with the output
  static LoadResult wrk(String output) {
    String line =
        output
            .lines()
            .filter(it -> it.startsWith(WRK_PREFIX))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("wrk failed: " + output.strip()));
    Map<String, Long> values = new HashMap<>();
    for (String pair : line.substring(WRK_PREFIX.length()).split(" ", -1)) {
      int equals = pair.indexOf('=');
      values.put(pair.substring(0, equals), Long.parseLong(pair.substring(equals + 1)));
    }
    return new LoadResult(
        value(values, "requests"),
        value(values, "duration") / MICROS,
        value(values, "p50"),
        value(values, "p99"),
        value(values, "p99.9"),
        value(values, "connect")
            + value(values, "read")
            + value(values, "write")
            + value(values, "timeout"),
        value(values, "status"));
  }

  private static long value(Map<String, Long> values, String key) {
    Long value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("wrk did not say " + key);
    }
    return value;
  }

  /// Reads the report of ab. It tells no 99.9th percentile and whole milliseconds only; its slowest
  /// request stands for the former.
  ///
  /// @throws IllegalArgumentException if it is none, with the output
  static LoadResult ab(String output) {
    return new LoadResult(
        (long) number(output, "Complete requests: +([0-9]+)"),
        number(output, "Time taken for tests: +([0-9.]+) seconds"),
        (long) (number(output, "(?m)^ +50% +([0-9]+)") * MICROS_PER_MILLI),
        (long) (number(output, "(?m)^ +99% +([0-9]+)") * MICROS_PER_MILLI),
        (long) (number(output, "(?m)^ +100% +([0-9]+)") * MICROS_PER_MILLI),
        (long) number(output, "Failed requests: +([0-9]+)"),
        output.contains("Non-2xx responses:")
            ? (long) number(output, "Non-2xx responses: +([0-9]+)")
            : 0);
  }

  private static double number(String output, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(output);
    if (!matcher.find()) {
      throw new IllegalArgumentException("ab failed: " + output.strip());
    }
    return Double.parseDouble(matcher.group(1));
  }
}
