package org.mpm4j.impl.operator;

import java.util.List;

/// What one request line of the control socket asks for.
sealed interface ControlCommand {
  /// The words that a line may begin with, for who got it wrong.
  String USAGE =
      "expected status, reload, restart, graceful-stop, stop, scale N|auto, threads [SLOT] or"
          + " breaker reset";

  /// Data lines about the server.
  record Status() implements ControlCommand {}

  /// A new generation, the old one served out.
  record Reload() implements ControlCommand {}

  /// A new generation, the old one cut off.
  record Restart() implements ControlCommand {}

  /// The end.
  ///
  /// @param graceful whether what is connected is served out
  record Stop(boolean graceful) implements ControlCommand {}

  /// A fixed number of children.
  ///
  /// @param children how many, or 0 to follow the load
  record Scale(int children) implements ControlCommand {}

  /// What the threads of one child are doing.
  ///
  /// @param slot whose
  record Threads(int slot) implements ControlCommand {}

  /// What the threads of all children are doing.
  record AllThreads() implements ControlCommand {}

  /// Crash control begins anew.
  record BreakerReset() implements ControlCommand {}

  /// No command.
  ///
  /// @param why in words for who sent it
  record Malformed(String why) implements ControlCommand {}

  /// Reads a line: words separated by blanks.
  static ControlCommand parse(String line) {
    List<String> words = List.of(line.strip().split("\\s+"));
    return switch (words.getFirst()) {
      case "status" -> alone(words, new Status());
      case "reload" -> alone(words, new Reload());
      case "restart" -> alone(words, new Restart());
      case "graceful-stop" -> alone(words, new Stop(true));
      case "stop" -> alone(words, new Stop(false));
      case "scale" -> scale(words);
      case "threads" -> threads(words);
      case "breaker" ->
          words.equals(List.of("breaker", "reset")) ? new BreakerReset() : malformed(words);
      default -> malformed(words);
    };
  }

  private static ControlCommand alone(List<String> words, ControlCommand command) {
    return words.size() == 1 ? command : malformed(words);
  }

  private static ControlCommand scale(List<String> words) {
    if (words.size() != 2) {
      return malformed(words);
    }
    int children = words.get(1).equals("auto") ? 0 : number(words.get(1));
    return children < 0 ? malformed(words) : new Scale(children);
  }

  private static ControlCommand threads(List<String> words) {
    if (words.size() == 1) {
      return new AllThreads();
    }
    int slot = words.size() == 2 ? number(words.get(1)) : -1;
    return slot < 0 ? malformed(words) : new Threads(slot);
  }

  /// @return -1 if it is none
  private static int number(String word) {
    return word.matches("[0-9]{1,9}") ? Integer.parseInt(word) : -1;
  }

  private static Malformed malformed(List<String> words) {
    return new Malformed("\"" + String.join(" ", words) + "\" is no command; " + USAGE);
  }
}
