package org.mpm4j.ctl;

import java.util.ArrayList;
import java.util.List;

/// What one child said of its threads.
///
/// @param slot whose
/// @param answered whether it did; otherwise the lines are the reason
/// @param lines the text
record ThreadDump(String slot, boolean answered, List<String> lines) {
  /// Reads the data lines of `threads`.
  static List<ThreadDump> of(List<String> data) {
    List<ThreadDump> dumps = new ArrayList<>();
    for (String line : data) {
      String[] words = line.split(" ", 2);
      String rest = words.length > 1 ? words[1] : "";
      switch (words[0]) {
        case "child" -> dumps.add(new ThreadDump(rest, true, new ArrayList<>()));
        case "line" -> {
          if (!dumps.isEmpty()) {
            dumps.getLast().lines.add(rest);
          }
        }
        case "unavailable" -> {
          String[] why = rest.split(" ", 2);
          dumps.add(new ThreadDump(why[0], false, List.of(why.length > 1 ? why[1] : "")));
        }
        default -> {} // of a later version
      }
    }
    return dumps;
  }

  /// The dumps for people.
  static String text(List<String> data) {
    StringBuilder text = new StringBuilder();
    for (ThreadDump dump : of(data)) {
      text.append("child ").append(dump.slot).append(dump.answered ? ":\n" : ": no answer: ");
      dump.lines.forEach(line -> text.append(line).append('\n'));
    }
    return text.toString();
  }
}
