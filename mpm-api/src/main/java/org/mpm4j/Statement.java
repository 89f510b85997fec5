package org.mpm4j;

import java.util.ArrayList;
import java.util.List;

/// A line of a configuration, or a section with the lines in it, before anything is known about its
/// meaning. Its arguments stay unread, as those in a skipped `<IfModule>` are never looked at.
final class Statement {
  private final String name;
  private final String rest;
  private final boolean section;
  private final Location location;
  private final List<Statement> children = new ArrayList<>();

  Statement(String name, String rest, boolean section, Location location) {
    this.name = name;
    this.rest = rest;
    this.section = section;
    this.location = location;
  }

  String name() {
    return name;
  }

  boolean section() {
    return section;
  }

  Location location() {
    return location;
  }

  List<Statement> children() {
    return children;
  }

  boolean named(String other) {
    return name.equalsIgnoreCase(other);
  }

  /// The arguments.
  ///
  /// @throws IllegalArgumentException if a quote is not closed
  List<String> arguments() {
    return Syntax.words(rest);
  }

  /// The name as it is put before a message, with brackets if this is a section.
  String title() {
    return section ? "<" + name + ">" : name;
  }
}
