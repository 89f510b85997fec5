package org.mpm4j.ctl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The data lines of `status`, read.
///
/// @param values the rest of each line by its first word, except for the children
/// @param children in the order of the lines
record Status(Map<String, String> values, List<Child> children) {
  /// One `child` line, with the texts of its `child-why` and `scoreboard`.
  record Child(
      long slot,
      long pid,
      long generation,
      String state,
      long age,
      long connections,
      long busy,
      long workers,
      long memory,
      String why,
      String letters) {}

  /// A breaker, or a verdict: a word, two numbers, and why.
  record Outcome(String word, long first, long second, String why) {}

  /// Reads what it knows, and passes over the rest: later versions may say more.
  static Status of(List<String> data) {
    Map<String, String> values = new HashMap<>();
    Map<String, String> reasons = new HashMap<>();
    Map<String, String> letters = new HashMap<>();
    List<String[]> children = new ArrayList<>();
    for (String line : data) {
      String[] words = line.split(" ", 2);
      String rest = words.length > 1 ? words[1] : "";
      switch (words[0]) {
        case "child" -> children.add(rest.split(" "));
        case "child-why" -> note(reasons, rest);
        case "scoreboard" -> note(letters, rest);
        default -> values.put(words[0], rest);
      }
    }
    return new Status(
        Map.copyOf(values),
        children.stream()
            .map(words -> {
              String child = word(words, 0) + " " + word(words, 1);
              return child(words, reasons.getOrDefault(child, ""), letters.getOrDefault(child, ""));
            })
            .toList());
  }

  /// Keeps a text under the slot and the pid before it.
  private static void note(Map<String, String> texts, String rest) {
    String[] words = rest.split(" ", 3);
    texts.put(words[0] + " " + word(words, 1), word(words, 2));
  }

  private static Child child(String[] words, String why, String letters) {
    return new Child(
        number(words, 0),
        number(words, 1),
        number(words, 2),
        word(words, 3),
        number(words, 4),
        number(words, 5),
        number(words, 6),
        number(words, 7),
        number(words, 8),
        why,
        letters);
  }

  String text(String name) {
    return values.getOrDefault(name, "");
  }

  long number(String name) {
    return number(new String[] {text(name)}, 0);
  }

  /// `breaker` or `last-reload`.
  Outcome outcome(String name) {
    String[] words = text(name).split(" ");
    return new Outcome(words[0], number(words, 1), number(words, 2), text(name + "-why"));
  }

  private static String word(String[] words, int index) {
    return index < words.length ? words[index] : "";
  }

  private static long number(String[] words, int index) {
    String word = word(words, index);
    return word.matches("[0-9]{1,18}") ? Long.parseLong(word) : 0;
  }
}
