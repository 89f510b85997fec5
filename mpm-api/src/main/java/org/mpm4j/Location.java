package org.mpm4j;

import java.util.Objects;

/// Where a directive was written.
///
/// @param source the name of the file, or what stands in its place: `-c "Listen 80"` for an
///   override, `builder` for a value that Java code set
/// @param line the number of the line, counted from 1; 0 if the source has no lines or is meant as
///   a whole
public record Location(String source, int line) {
  /// Checks the components.
  ///
  /// @throws IllegalArgumentException if the line is negative
  public Location {
    Objects.requireNonNull(source, "source");
    if (line < 0) {
      throw new IllegalArgumentException("line " + line + " is negative");
    }
  }

  /// The form that compilers use and editors understand: `httpd.conf:12`, without the number if it
  /// is 0.
  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line;
  }
}
