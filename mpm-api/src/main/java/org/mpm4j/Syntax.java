package org.mpm4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The words of httpd's syntax: names, quoting both ways, and how text from outside is shown in
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

  /// Whether `c` parts words.
  static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /// The text without the blanks around it.
  static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /// The words of `text`. A word that starts with `"` or `'` ends with the same; in it, a backslash
  /// takes the meaning from that quote and from a backslash, and is an ordinary character before
  /// any other. Outside of quotes, two backslashes are one.
  ///
  /// @throws IllegalArgumentException if a quote is not closed, or a word too long
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < text.length() && isBlank(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return words;
      }
      StringBuilder word = new StringBuilder();
      at = word(text, at, word);
      requireWritable(word.toString());
      words.add(word.toString());
    }
  }

  /// Appends the word that starts at `start` to `word`; returns where it ends.
  private static int word(String text, int start, StringBuilder word) {
    char quote = text.charAt(start);
    boolean quoted = quote == '"' || quote == '\'';
    int at = quoted ? start + 1 : start;
    while (at < text.length() && (quoted ? text.charAt(at) != quote : !isBlank(text.charAt(at)))) {
      if (text.charAt(at) == '\\'
          && at + 1 < text.length()
          && (text.charAt(at + 1) == '\\' || (quoted && text.charAt(at + 1) == quote))) {
        at++;
      }
      word.append(text.charAt(at));
      at++;
    }
    if (!quoted) {
      return at;
    }
    String shown = shown(text.substring(start));
    if (at == text.length()) {
      throw new IllegalArgumentException(shown + " has no closing quote; expected " + quote);
    }
    if (at + 1 < text.length() && !isBlank(text.charAt(at + 1))) {
      throw new IllegalArgumentException(
          shown + " goes on after its closing quote; expected a blank there");
    }
    return at + 1;
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
      shown.append(Character.isISOControl(c) ? String.format(Locale.ROOT, "\\u%04x", (int) c) : c);
    }
    return shown.append(end < text.length() ? "…\"" : "\"").toString();
  }
}
