package org.mpm4j;

import java.io.Serial;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// Reports a configuration that cannot be used, with every error found in it and not only the
/// first.
///
/// It is unchecked, since most callers can do no more than show it to whoever wrote the
/// configuration and exit; [#getMessage()] is ready for that, one error on each line.
public final class ConfigException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /// The errors. A serialized exception keeps its message only.
  private final transient List<Problem> problems;

  /// One error.
  ///
  /// @param location where it is
  /// @param message the directive, its value and what was expected
  public record Problem(Location location, String message) {
    /// Checks the components.
    public Problem {
      Objects.requireNonNull(location, "location");
      Objects.requireNonNull(message, "message");
    }

    /// The error as one line, `httpd.conf:7: ThreadsPerChild: …`.
    @Override
    public String toString() {
      return location + ": " + message;
    }
  }

  /// Creates the exception.
  ///
  /// @param problems the errors, in the order in which to show them
  /// @throws IllegalArgumentException if there is none
  public ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("no problem given");
    }
    this.problems = List.copyOf(problems);
  }

  /// The errors, in the order of the configuration.
  ///
  /// @return at least one error; none after deserialization
  @SuppressWarnings("RedundantNullCheck") // a transient field is null after deserialization
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }

  /// All errors, one on each line.
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), "");
  }
}
