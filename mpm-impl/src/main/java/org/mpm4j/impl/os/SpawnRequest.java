package org.mpm4j.impl.os;

import java.util.List;

/// What [Syscalls#posixSpawn] starts.
///
/// The child has exactly the descriptors listed, an empty signal mask and default signal actions.
///
/// @param executable the program's path; the search path is not consulted
/// @param arguments `argv`, the program's own name first
/// @param environment `NAME=value` each; the parent's environment is not added
/// @param descriptors `descriptors.get(i)` becomes descriptor `i` of the child; -1 is /dev/null
/// @param newProcessGroup whether the child leads a process group of its own
public record SpawnRequest(
    String executable,
    List<String> arguments,
    List<String> environment,
    List<Integer> descriptors,
    boolean newProcessGroup) {

  /// Copies the lists and refuses strings that C would cut short.
  public SpawnRequest {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
    descriptors = List.copyOf(descriptors);
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("arguments must start with the program's name");
    }
    refuseNul("executable", executable);
    arguments.forEach(argument -> refuseNul("argument", argument));
    environment.forEach(entry -> refuseNul("environment entry", entry));
  }

  private static void refuseNul(String what, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " contains a NUL character");
    }
  }
}
