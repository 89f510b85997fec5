package org.mpm4j.comparison;

import java.util.Locale;
import java.util.OptionalDouble;

/// Numbers as the tables show them.
final class Numbers {
  /// Stands where there is none.
  static final String NONE = "–";

  private Numbers() {}

  static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  static String tenths(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  /// A factor, empty as [#NONE].
  static String ratio(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : NONE;
  }

  static String megabytes(double bytes) {
    return bytes < 0 ? NONE : whole(bytes / (1 << 20));
  }

  /// A time; 0, which wrk says of pipelined requests, as [#NONE].
  static String millis(double micros) {
    return micros == 0 ? NONE : String.format(Locale.ROOT, "%,.2f", micros / 1000);
  }
}
