package org.mpm4j;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds the name that somebody who misspelt one probably meant.
final class Spelling {
  /// Longer names are not compared; no directive is that long.
  private static final int LONGEST = 64;

  private Spelling() {}

  private record Candidate(String name, int distance) {}

  /// The name that takes the fewest changed letters, if that is a third of them at most.
  static Optional<String> closest(String misspelt, Stream<String> names) {
    if (misspelt.length() > LONGEST) {
      return Optional.empty();
    }
    String lower = misspelt.toLowerCase(Locale.ROOT);
    return names
        .map(name -> new Candidate(name, distance(lower, name.toLowerCase(Locale.ROOT))))
        .filter(candidate -> candidate.distance() * 3 <= candidate.name().length())
        .min(Comparator.comparingInt(Candidate::distance))
        .map(Candidate::name);
  }

  /// The letters to insert, delete or replace (Levenshtein).
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
