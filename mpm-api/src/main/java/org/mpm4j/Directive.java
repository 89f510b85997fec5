package org.mpm4j;

import java.util.List;
import java.util.Objects;

/// A directive or section of the embedding server, as it stood in the configuration.
///
/// Two directives are equal if they say the same thing, wherever they stand: equality compares the
/// names without regard to case and leaves the locations out.
///
/// @param name the name, in the spelling of the [Vocabulary]
/// @param arguments the arguments without their quotes
/// @param section whether this is a section, `<Location "/status">`, and not a plain directive
/// @param children what stands inside the section; empty for a plain directive
/// @param location where it stands
public record Directive(
    String name,
    List<String> arguments,
    boolean section,
    List<Directive> children,
    Location location) {
  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if a plain directive has children
  public Directive {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(location, "location");
    arguments = List.copyOf(arguments);
    children = List.copyOf(children);
    if (!section && !children.isEmpty()) {
      throw new IllegalArgumentException(name + " is not a section but has children");
    }
  }

  /// An error about this directive, at its location, for a server that checks its own arguments.
  ///
  /// @param message what is wrong and what was expected; the directive's name is put before it
  /// @return the exception to throw
  public ConfigException error(String message) {
    return new ConfigException(
        List.of(new ConfigException.Problem(location, name + ": " + message)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Directive that
        && name.equalsIgnoreCase(that.name)
        && section == that.section
        && arguments.equals(that.arguments)
        && children.equals(that.children);
  }

  @Override
  public int hashCode() {
    return Objects.hash(arguments, section, children);
  }

  /// The directive in httpd's syntax, without what stands inside it.
  @Override
  public String toString() {
    String words = Syntax.line(name, arguments);
    return section ? "<" + words + ">" : words;
  }
}
