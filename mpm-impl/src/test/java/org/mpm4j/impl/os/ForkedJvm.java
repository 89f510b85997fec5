package org.mpm4j.impl.os;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line that runs a class of the tests in a JVM of its own.
final class ForkedJvm {
  private ForkedJvm() {}

  static List<String> command(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }
}
