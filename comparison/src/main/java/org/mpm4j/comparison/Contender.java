package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A server of the comparison.
///
/// @param word its name on the command line and in files
/// @param title its name in tables
/// @param setup how many processes, threads and loops it has
/// @param processes how many it has once it has started; more may come
/// @param holds how many connections it can keep at a time, where each holds a thread or process
/// @param program the system's program that it is, if it is one
/// @param cannot the scenarios that it is left out of, with the reason
/// @param notes what is different about a scenario with it
/// @param recipe how it is started
record Contender(
    String word,
    String title,
    Kind kind,
    String setup,
    int processes,
    OptionalInt holds,
    Optional<Path> program,
    Map<Scenario, String> cannot,
    Map<Scenario, String> notes,
    Recipe recipe) {
  Contender {
    cannot = Map.copyOf(cannot);
    notes = Map.copyOf(notes);
  }

  /// How many connections the load of a scenario has with this server: not more than it can keep,
  /// since the others would only wait.
  int connections(Scenario scenario) {
    boolean kept = !scenario.mode().equals("close");
    return kept
        ? Math.min(scenario.connections(), holds.orElse(Integer.MAX_VALUE))
        : scenario.connections();
  }

  /// What it is built with.
  enum Kind {
    MPM4J,
    NATIVE,
    JAVA,
    FLOOR;

    /// Whether it becomes faster while it runs.
    boolean warmsUp() {
      return this != NATIVE;
    }
  }

  /// Where one server runs.
  ///
  /// @param port of 127.0.0.1, free a moment ago
  /// @param run a folder of its own, which the server's user can write to
  /// @param files the folder of what it serves
  record Site(int port, Path run, Path files) {}

  /// Makes what a server needs in the folders of its site.
  @FunctionalInterface
  interface Recipe {
    /// Writes the configuration, if it takes one.
    ///
    /// @return the command that runs it in the foreground
    List<String> prepare(Site site) throws IOException;
  }
}
