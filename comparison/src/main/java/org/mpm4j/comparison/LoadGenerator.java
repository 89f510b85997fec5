package org.mpm4j.comparison;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Runs wrk and ab. For one thread.
final class LoadGenerator {
  static final Path WRK = Path.of("/usr/bin/wrk");
  static final Path AB = Path.of("/usr/bin/ab");

  private static final String SCRIPT = "load.lua";
  private static final int PATIENCE_SECONDS = 120;

  private final Processes processes;
  private final Path folder;
  private final Path script;

  /// @param folder for the script and for what the programs print
  LoadGenerator(Processes processes, Path folder) throws IOException {
    this.processes = processes;
    this.folder = folder;
    script = folder.resolve(SCRIPT);
    try (InputStream in =
        Objects.requireNonNull(LoadGenerator.class.getResourceAsStream(SCRIPT), SCRIPT)) {
      Files.copy(in, script);
    }
  }

  /// Puts a server under the load of a scenario and waits until that is over.
  ///
  /// @param connections how many it has
  /// @param seconds how long; of no meaning with ab
  /// @throws IOException if the generator fails or does not end
  LoadResult run(Scenario scenario, int connections, int port, int seconds)
      throws IOException, InterruptedException {
    String output =
        output(command(scenario, connections, port, seconds), seconds + PATIENCE_SECONDS);
    try {
      return scenario.usesWrk() ? LoadOutput.wrk(output) : LoadOutput.ab(output);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private List<String> command(Scenario scenario, int connections, int port, int seconds) {
    String url = "http://127.0.0.1:" + port + scenario.path();
    if (scenario.usesWrk()) {
      return List.of(
          WRK.toString(),
          "-t1",
          "-c" + connections,
          "-d" + seconds + "s",
          "-s",
          script.toString(),
          url,
          "--",
          scenario.mode());
    }
    List<String> command =
        new ArrayList<>(
            List.of(AB.toString(), "-q", "-n", "10000", "-c", Integer.toString(connections)));
    if (scenario.mode().equals("keep")) {
      command.add("-k");
    }
    command.add(url);
    return command;
  }

  private String output(List<String> command, int seconds)
      throws IOException, InterruptedException {
    Path file = folder.resolve("load.out");
    Process process =
        processes.start(
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file.toFile()));
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        throw new IOException(command.getFirst() + " did not end in " + seconds + " s");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } finally {
      processes.end(process);
    }
  }
}
