package org.mpm4j.comparison;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Picks servers and scenarios by their names. Pure functions.
final class Choice {
  private Choice() {}

  /// The named servers, in the order of the tables; all if none is named.
  ///
  /// @throws IllegalArgumentException if there is no such server; the message lists those there are
  static List<Contender> contenders(List<String> words) {
    return of("server", Contenders.all(), Contender::word, words);
  }

  /// The named scenarios, in their order; all if none is named.
  ///
  /// @throws IllegalArgumentException if there is no such scenario; the message lists those there
  ///   are
  static List<Scenario> scenarios(List<String> words) {
    return of("scenario", Arrays.asList(Scenario.values()), Scenario::word, words);
  }

  private static <T> List<T> of(
      String kind, List<T> all, Function<T, String> word, List<String> words) {
    if (words.isEmpty()) {
      return all;
    }
    Set<String> known = all.stream().map(word).collect(Collectors.toCollection(LinkedHashSet::new));
    List<String> unknown = new ArrayList<>(words);
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "\"%s\" is no %s; expected some of %s"
              .formatted(String.join("\", \"", unknown), kind, String.join(", ", known)));
    }
    return all.stream().filter(it -> words.contains(word.apply(it))).toList();
  }
}
