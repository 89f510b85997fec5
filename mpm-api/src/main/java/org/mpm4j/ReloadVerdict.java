package org.mpm4j;

import java.time.Duration;

/// How a reload or restart came out. Unless it succeeded, the server goes on with the generation
/// that it had.
public sealed interface ReloadVerdict {
  /// The generation in force now.
  ///
  /// @return its number
  int generation();

  /// Whether the new configuration is in force.
  ///
  /// @return whether this is [Succeeded]
  default boolean succeeded() {
    return this instanceof Succeeded;
  }

  /// All children of the new generation are ready; those of the old one serve out what they have.
  ///
  /// @param generation the new one
  /// @param took from the request on
  record Succeeded(int generation, Duration took) implements ReloadVerdict {
    @Override
    public String toString() {
      return "succeeded: generation " + generation + " after " + took.toMillis() + " ms";
    }
  }

  /// Nothing was started.
  ///
  /// @param generation the one that goes on
  /// @param reason in words for the operator
  record Refused(int generation, String reason) implements ReloadVerdict {
    @Override
    public String toString() {
      return "refused, generation " + generation + " goes on: " + reason;
    }
  }

  /// A child of the new generation did not become ready; all of them are ended again.
  ///
  /// @param generation the one that goes on
  /// @param reason in words for the operator
  /// @param lastOutput what the failing child said, its stack trace included; may be empty
  record RolledBack(int generation, String reason, String lastOutput) implements ReloadVerdict {
    @Override
    public String toString() {
      String line = "rolled back, generation " + generation + " goes on: " + reason;
      return lastOutput.isBlank() ? line : line + "\n" + lastOutput.stripTrailing();
    }
  }
}
