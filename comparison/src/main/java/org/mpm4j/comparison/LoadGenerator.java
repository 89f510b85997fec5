package org.mpm4j.comparison;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Runs wrk and ab. For one thread.
final class LoadGenerator {
  private static final Path WRK = Path.of("/usr/bin/wrk");
  private static final Path AB = Path.of("/usr/bin/ab");

  private static final String SCRIPT = "load.lua";
  private static final int PATIENCE_SECONDS = 120;
  private static final double NANOS_PER_MICRO = 1e3;

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

  /// What is wrong if the programs are not there.
  static Optional<String> missing(boolean ab) {
    return Stream.of(WRK, AB)
        .filter(it -> ab || !it.equals(AB))
        .filter(it -> !Files.isExecutable(it))
        .map(it -> it + " is missing; bin/compare --install installs it")
        .findFirst();
  }

  /// Has a server serve kept connections and those that end.
  void warmUp(Contender contender, ServerProcess server, int seconds)
      throws IOException, InterruptedException {
    boolean closes = !contender.cannot().containsKey(Scenario.CHURN);
    Scenario kept = Scenario.KEEP_ALIVE_64;
    warmUp(contender, server, closes ? List.of(Scenario.CHURN, kept) : List.of(kept), seconds);
  }

  /// Many loads of a second, of all kinds in turn: after a long one the compiler has taken
  /// everything else for impossible, also that a connection ends, and what comes next pays for
  /// that.
  void warmUp(Contender contender, ServerProcess server, List<Scenario> kinds, int seconds)
      throws IOException, InterruptedException {
    for (int i = 0; i < seconds; i++) {
      Scenario kind = kinds.get(i % kinds.size());
      LoadResult _ = run(kind, contender.connections(kind), server.port(), 1);
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

  /// The same, with what it costs the server.
  ///
  /// @throws IOException also if nothing was answered
  Cost cost(Scenario scenario, int connections, ServerProcess server, int seconds)
      throws IOException, InterruptedException {
    Map<Long, Long> before = server.tree().cpuNanos();
    LoadResult load = run(scenario, connections, server.port(), seconds);
    long used = ProcessTree.cpuNanosBetween(before, server.tree().cpuNanos());
    if (load.requests() == 0) {
      throw new IOException("no request was answered, " + load.errors() + " errors");
    }
    return new Cost(load, used / NANOS_PER_MICRO / load.requests());
  }

  /// A load, and the processor time of all processes of the server for each of its requests.
  record Cost(LoadResult load, double cpuMicrosPerRequest) {}

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
