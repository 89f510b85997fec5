package org.mpm4j.impl.operator;

import org.mpm4j.ReloadVerdict;

/// The lines of a reply: any number of `progress` and `data`, then `ok` or `failed`.
final class ControlReply {
  /// Why a command was not done; the second word of a `failed` line.
  enum Code {
    /// The line is no command, or its number is out of range.
    USAGE("usage"),
    /// The client is neither the server's user nor root.
    DENIED("denied"),
    /// The new configuration cannot be used; nothing was started.
    REFUSED("refused"),
    /// The new generation did not become ready and was ended again.
    ROLLED_BACK("rolled-back"),
    /// This kind of server cannot do it.
    UNSUPPORTED("unsupported"),
    /// What was asked for is not there, or does not answer, or the server stopped meanwhile.
    UNAVAILABLE("unavailable"),
    /// Anything else.
    FAILED("failed");

    private final String word;

    Code(String word) {
      this.word = word;
    }
  }

  private ControlReply() {}

  static String progress(String text) {
    return "progress " + escaped(text) + "\n";
  }

  static String data(String text) {
    return "data " + escaped(text) + "\n";
  }

  static String ok(String text) {
    return "ok " + escaped(text) + "\n";
  }

  static String failed(Code code, String text) {
    return "failed " + code.word + " " + escaped(text) + "\n";
  }

  static String of(ReloadVerdict verdict) {
    return switch (verdict) {
      case ReloadVerdict.Succeeded it ->
          ok("generation %d serves after %d ms".formatted(it.generation(), it.took().toMillis()));
      case ReloadVerdict.Refused it -> failed(Code.REFUSED, it.reason());
      case ReloadVerdict.RolledBack it ->
          failed(
              Code.ROLLED_BACK,
              it.lastOutput().isBlank()
                  ? it.reason()
                  : it.reason() + "\n" + it.lastOutput().stripTrailing());
    };
  }

  /// One line: a line feed as `\n`, a backslash as two. Other control characters, which could drive
  /// a terminal, become `?`.
  private static String escaped(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\t' -> line.append(c);
        default -> line.append(Character.isISOControl(c) ? '?' : c);
      }
    }
    return line.toString();
  }
}
