package org.mpm4j.examples.httpd;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The part of a file that a `Range` field asks for.
sealed interface ByteRange {
  /// All of it: there is no range, or none that this server must heed. Several ranges are not put
  /// together in one answer; whoever asks for them gets the whole.
  record Whole() implements ByteRange {}

  /// `count` bytes from `first` on.
  record Part(long first, long count) implements ByteRange {}

  /// Nothing of what was asked for exists.
  record Unsatisfiable() implements ByteRange {}

  Pattern SINGLE = Pattern.compile("(?i)bytes[ \t]*=[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*");

  /// Reads the value of a `Range` field about something of `length` bytes.
  static ByteRange of(String range, long length) {
    Matcher matcher = SINGLE.matcher(range);
    if (!matcher.matches()) {
      return new Whole();
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty()) {
      if (last.isEmpty()) {
        return new Whole();
      }
      long count = Math.min(number(last), length);
      return count == 0 ? new Unsatisfiable() : new Part(length - count, count);
    }
    long from = number(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : number(last);
    if (to < from) {
      return new Whole();
    }
    return from >= length
        ? new Unsatisfiable()
        : new Part(from, Math.min(to, length - 1) - from + 1);
  }

  /// At most 19 digits; what is too large for a long is larger than any file.
  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      return Long.MAX_VALUE;
    }
  }
}
