package org.mpm4j.comparison;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.mpm4j.impl.os.Linux;

/// Runs the servers in turn, A B C A B C, each through all scenarios. For one thread.
final class Comparison {
  // a supervisor and its child are few
  private static final int MANY = 2;
  private static final int FOR_MANY = 5;

  private static final double NANOS_PER_MICRO = 1e3;

  // a server that still closes the connections of the last scenario would pay for them in this one
  private static final long LOOK_MILLIS = 100;
  private static final long CALM_NANOS = 10_000_000; // used between two looks
  private static final int MOST_LOOKS = 100;

  // beside the idle clients: the active ones, files and what else a server has open
  private static final int OTHER_DESCRIPTORS = 512;

  private final Settings settings;
  private final Processes processes;
  private final Path folder;
  private final Path files;
  private final LoadGenerator loads;
  private final PrintStream progress;
  private final Results results = new Results();

  /// @param folder for configurations and logs of the servers
  /// @param progress gets a line for each measurement
  Comparison(Settings settings, Processes processes, Path folder, PrintStream progress)
      throws IOException {
    this.settings = settings;
    this.processes = processes;
    this.folder = folder;
    this.progress = progress;
    files = Folders.writeFiles(folder);
    loads = new LoadGenerator(processes, folder);
  }

  /// Runs all of it. A server that fails has its failures in the results.
  Results run() throws InterruptedException {
    progress.println(ProgressLine.HEADER);
    for (int round = 1; round <= settings.rounds(); round++) {
      for (Contender contender : settings.contenders()) {
        if (isMissing(contender)) {
          continue;
        }
        serve(contender, round);
      }
    }
    return results;
  }

  private boolean isMissing(Contender contender) {
    if (contender.program().isEmpty() || Files.isExecutable(contender.program().get())) {
      return false;
    }
    results.addMissing(
        contender.word(), contender.program().get() + " is missing; bin/compare --install");
    return true;
  }

  private void serve(Contender contender, int round) throws InterruptedException {
    if (settings.scenarios().stream().allMatch(contender.cannot()::containsKey)) {
      return;
    }
    try (ServerProcess server = ServerProcess.start(processes, contender, folder, files)) {
      results.addAnswer(contender.word(), server.answer());
      if (contender.kind().warmsUp()) {
        LoadResult _ =
            load(contender, server, Scenario.KEEP_ALIVE_64, warmUp(contender, settings.warmUp()));
      }
      for (Scenario scenario : settings.scenarios()) {
        if (!contender.cannot().containsKey(scenario)) {
          measure(contender, server, scenario, round);
        }
      }
    } catch (IOException e) {
      for (Scenario scenario : settings.scenarios()) {
        if (!contender.cannot().containsKey(scenario)) {
          fail(contender, scenario, round, e);
        }
      }
    }
  }

  /// Many JVMs share the load and the processors, so that each takes longer.
  private static int warmUp(Contender contender, int seconds) {
    return contender.processes() > MANY ? seconds * FOR_MANY : seconds;
  }

  private void measure(Contender contender, ServerProcess server, Scenario scenario, int round)
      throws InterruptedException {
    try {
      if (!server.isAlive()) {
        throw new IOException("the server has ended");
      }
      if (contender.kind().warmsUp() && settings.warmUp() > 1 && !scenario.isPlain()) {
        LoadResult _ = load(contender, server, scenario, warmUp(contender, 1));
      }
      awaitCalm(server);
      Measurement measurement =
          scenario.crowd() == Scenario.Crowd.NONE
              ? measured(contender, server, scenario, round)
              : withCrowd(contender, server, scenario, round);
      results.add(measurement);
      progress.println(ProgressLine.of(contender, measurement));
    } catch (IOException e) {
      fail(contender, scenario, round, e);
    }
  }

  /// Waits until the server has nothing to do, ten seconds at most.
  private static void awaitCalm(ServerProcess server) throws InterruptedException {
    for (int i = 0; i < MOST_LOOKS; i++) {
      Map<Long, Long> before = server.tree().cpuNanos();
      Thread.sleep(LOOK_MILLIS);
      if (ProcessTree.cpuNanosBetween(before, server.tree().cpuNanos()) < CALM_NANOS) {
        return;
      }
    }
  }

  private LoadResult load(Contender contender, ServerProcess server, Scenario scenario, int seconds)
      throws IOException, InterruptedException {
    return loads.run(scenario, contender.connections(scenario), server.port(), seconds);
  }

  private void fail(Contender contender, Scenario scenario, int round, IOException e) {
    String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
    results.add(new Results.Failure(contender.word(), scenario, round, reason));
    progress.println(ProgressLine.failed(contender, scenario, round, reason));
  }

  private Measurement withCrowd(
      Contender contender, ServerProcess server, Scenario scenario, int round)
      throws IOException, InterruptedException {
    long descriptors = Linux.open().openFileHardLimit();
    int needed = scenario.crowdSize() + OTHER_DESCRIPTORS;
    if (descriptors < needed) {
      throw new IOException("needs " + needed + " descriptors, but ulimit -Hn is " + descriptors);
    }
    long before = server.tree().pssBytes();
    try (CrowdProcess crowd = CrowdProcess.start(processes, scenario, server.port())) {
      long after = server.tree().pssBytes();
      OptionalDouble each =
          scenario.crowd() == Scenario.Crowd.IDLE && before >= 0 && after >= 0
              ? OptionalDouble.of((double) (after - before) / scenario.crowdSize())
              : OptionalDouble.empty();
      Measurement measurement = measured(contender, server, scenario, round);
      return new Measurement(
          measurement.server(),
          scenario,
          round,
          measurement.load(),
          measurement.cpuMicrosPerRequest(),
          measurement.pssBytes(),
          each,
          scenario.crowdSize() - crowd.end());
    }
  }

  private Measurement measured(
      Contender contender, ServerProcess server, Scenario scenario, int round)
      throws IOException, InterruptedException {
    Map<Long, Long> before = server.tree().cpuNanos();
    LoadResult load = load(contender, server, scenario, settings.seconds());
    long used = ProcessTree.cpuNanosBetween(before, server.tree().cpuNanos());
    if (load.requests() == 0) {
      throw new IOException("no request was answered, " + load.errors() + " errors");
    }
    return new Measurement(
        contender.word(),
        scenario,
        round,
        load,
        used / NANOS_PER_MICRO / load.requests(),
        server.tree().pssBytes(),
        OptionalDouble.empty(),
        0);
  }
}
