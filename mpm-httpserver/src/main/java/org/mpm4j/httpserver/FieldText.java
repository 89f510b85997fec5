package org.mpm4j.httpserver;

/// What may be sent as a header field. [com.sun.net.httpserver.Headers] checks what goes through
/// its own methods, but the lists that it hands out can be changed behind its back.
final class FieldText {
  private FieldText() {}

  /// Checks a field as the JDK's server does before it sends one.
  ///
  /// @throws IllegalArgumentException if a character could end the line or is not ISO 8859-1; a
  ///   value may be folded (CR, LF and white space)
  static void require(String name, String value) {
    requireChars("name", name, false);
    requireChars("value", value, true);
  }

  private static void requireChars(String what, String text, boolean mayFold) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (mayFold && c == '\r' && folds(text, i)) {
        i += 2;
      } else if (c == '\r' || c == '\n' || c > 0xff) {
        throw new IllegalArgumentException(
            "header %s has the character U+%04X at %d; expected ISO 8859-1 without line ends"
                .formatted(what, (int) c, i));
      }
    }
  }

  /// Whether the line that ends at `i` goes on in the next.
  private static boolean folds(String text, int i) {
    return i + 2 < text.length()
        && text.charAt(i + 1) == '\n'
        && (text.charAt(i + 2) == ' ' || text.charAt(i + 2) == '\t');
  }
}
