package org.mpm4j.status;

import java.time.Duration;
import java.util.Locale;

/// Texts that a client, a child or an operator may have put something into, and quantities.
final class Texts {
  private static final long KIB = 1024;
  private static final String REPLACEMENT = "\ufffd";

  private Texts() {}

  /// The text in one line and without characters that have no shape, turn the direction of writing,
  /// or are none: they become U+FFFD.
  static String line(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (harmless(c)) {
            line.appendCodePoint(c);
          } else {
            line.append(REPLACEMENT);
          }
        });
    return line.toString();
  }

  private static boolean harmless(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /// [#line(String)] for text and quoted attribute values of HTML and XML.
  static String escaped(String text) {
    return line(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /// `420 ms`, `4.2 s`, `45 s`, `12 m 05 s`, `3 h 07 m`, `4 d 11 h`.
  static String time(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 1) {
      return time.toMillis() + " ms";
    } else if (seconds < 10) {
      return decimal(time.toMillis() / 1000.0) + " s";
    } else if (seconds < 60) {
      return seconds + " s";
    } else if (seconds < 3600) {
      return "%d m %02d s".formatted(seconds / 60, seconds % 60);
    } else if (seconds < 86_400) {
      return "%d h %02d m".formatted(seconds / 3600, seconds % 3600 / 60);
    }
    return "%d d %02d h".formatted(seconds / 86_400, seconds % 86_400 / 3600);
  }

  /// `512 B`, `1.5 KiB`, `130 MiB`.
  static String bytes(double bytes) {
    String unit = "B";
    double value = bytes;
    for (String larger : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
      if (value < KIB) {
        break;
      }
      value /= KIB;
      unit = larger;
    }
    return (unit.equals("B") || value >= 100 ? whole(value) : decimal(value)) + " " + unit;
  }

  /// `1,234`.
  static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /// `1,234`.
  static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /// `0.5`, `12.3`, `1,234`.
  static String decimal(double value) {
    return value >= 100 ? whole(value) : String.format(Locale.ROOT, "%.1f", value);
  }

  /// `0`, `0.14`, `9.50`, `12`, `1,234`.
  static String fine(double value) {
    return value == 0 || value >= 10 ? whole(value) : String.format(Locale.ROOT, "%.2f", value);
  }

  /// `HALF_OPEN` as `half-open`.
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
