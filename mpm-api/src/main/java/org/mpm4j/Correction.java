package org.mpm4j;

import java.util.Objects;

/// A difference between what a configuration says and what is used, made by httpd's rules.
///
/// @param location the directive corrected or, where that was left to its default, the directive
///   that made the correction necessary
/// @param directive the name of the directive
/// @param given its value, marked `(default)` if the configuration did not give one
/// @param used the value used instead; empty if the directive is ignored
/// @param why the reason, worded to follow the given value: `exceeds ThreadLimit 64`
public record Correction(
    Location location, String directive, String given, String used, String why) {
  /// Checks the components.
  public Correction {
    Objects.requireNonNull(location, "location");
    Objects.requireNonNull(directive, "directive");
    Objects.requireNonNull(given, "given");
    Objects.requireNonNull(used, "used");
    Objects.requireNonNull(why, "why");
  }

  /// Whether the directive has no effect at all.
  ///
  /// @return true if nothing is used in its place
  public boolean ignored() {
    return used.isEmpty();
  }

  /// The correction as one line, `httpd.conf:12: ThreadsPerChild 100 exceeds ThreadLimit 64: using
  /// 64`.
  @Override
  public String toString() {
    String words = given.isEmpty() ? directive : directive + " " + given;
    return location + ": " + words + " " + why + (ignored() ? ": ignored" : ": using " + used);
  }
}
