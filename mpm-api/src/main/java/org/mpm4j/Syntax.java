package org.mpm4j;

import java.util.List;
import java.util.Locale;

/// The writing side of httpd's syntax: names, quoting, and how text from outside is shown in
/// messages.
final class Syntax {
  /// The longest argument. Linux gives a new process no argument beyond 128 KiB.
  static final int LONGEST_WORD = 65_536;

  private static final int SHOWN = 80;

  private Syntax() {}

  /// Whether `text` can be the name of a directive or section.
  static boolean isName(String text) {
    return !text.isEmpty()
        && Character.isLetter(text.charAt(0))
        && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '_'));
  }

  /// Whether `c` cannot stand in a configuration: a control character other than the tab.
  static boolean isControl(int c) {
    return Character.isISOControl(c) && c != '\t';
  }

  /// Refuses a value that no line of a configuration could hold.
  static void requireWritable(String value) {
    if (value.chars().anyMatch(Syntax::isControl)) {
      throw new IllegalArgumentException(shown(value) + " contains a control character");
    }
    if (value.length() > LONGEST_WORD) {
      throw new IllegalArgumentException(
          shown(value) + " is longer than " + LONGEST_WORD + " characters");
    }
  }

  /// A directive as one line.
  static String line(String name, List<String> arguments) {
    StringBuilder line = new StringBuilder(name);
    for (String argument : arguments) {
      line.append(' ').append(word(argument));
    }
    return line.toString();
  }

  /// A word that reads back as `value`: quoted, and so escaped, only if need be.
  static String word(String value) {
    boolean plain =
        !value.isEmpty() && value.chars().noneMatch(c -> c <= ' ' || "\"'\\<>#".indexOf(c) >= 0);
    return plain ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /// Text from outside, quoted for a message: kept short, control characters made visible.
  static String shown(String text) {
    StringBuilder shown = new StringBuilder("\"");
    int end = Math.min(text.length(), SHOWN);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      shown.append(
          Character.isISOControl(c) ? String.format(Locale.ROOT, "\\u%04x", (int) c) : c);
    }
    return shown.append(end < text.length() ? "…\"" : "\"").toString();
  }
}
