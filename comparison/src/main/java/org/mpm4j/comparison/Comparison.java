package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.mpm4j.impl.os.Linux;

/// Runs the servers in turn, A B C A B C, each through all scenarios. For one thread.
final class Comparison {
  // a supervisor and its child are few
  private static final int MANY = 2;
  private static final int FOR_MANY = 8;

  private static final int MOST_CALM_SECONDS = 10;

  // beside the idle clients: the active ones, files and what else a server has open
  private static final int OTHER_DESCRIPTORS = 512;

  private final Settings settings;
  private final TestBed bed;
  private final Results results = new Results();

  Comparison(Settings settings, TestBed bed) {
    this.settings = settings;
    this.bed = bed;
  }

  /// Runs all of it. A server that fails has its failures in the results.
  Results run() throws InterruptedException {
    bed.progress().println(ProgressLine.HEADER);
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
    try (ServerProcess server = bed.start(contender)) {
      results.addAnswer(contender.word(), server.answer());
      if (contender.kind().warmsUp()) {
        bed.loads().warmUp(contender, server, seconds(contender, settings.warmUp()));
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
  private static int seconds(Contender contender, int seconds) {
    return contender.processes() > MANY ? seconds * FOR_MANY : seconds;
  }

  private void measure(Contender contender, ServerProcess server, Scenario scenario, int round)
      throws InterruptedException {
    try {
      if (!server.isAlive()) {
        throw new IOException("the server has ended");
      }
      if (contender.kind().warmsUp() && settings.warmUp() > 1 && !scenario.isPlain()) {
        bed.loads().warmUp(contender, server, List.of(scenario), seconds(contender, 1));
      }
      // one that still closes the connections of the last scenario would pay for them in this one
      server.tree().awaitCalm(MOST_CALM_SECONDS);
      Measurement measurement =
          scenario.crowd() == Scenario.Crowd.NONE
              ? measured(contender, server, scenario, round)
              : withCrowd(contender, server, scenario, round);
      results.add(measurement);
      bed.progress().println(ProgressLine.of(contender, measurement));
    } catch (IOException e) {
      fail(contender, scenario, round, e);
    }
  }

  private void fail(Contender contender, Scenario scenario, int round, IOException e) {
    String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
    results.add(new Results.Failure(contender.word(), scenario, round, reason));
    bed.progress().println(ProgressLine.failed(contender, scenario, round, reason));
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
    try (CrowdProcess crowd = bed.crowd(scenario.crowd(), scenario.crowdSize(), server)) {
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
    LoadGenerator.Cost cost =
        bed.loads().cost(scenario, contender.connections(scenario), server, settings.seconds());
    return new Measurement(
        contender.word(),
        scenario,
        round,
        cost.load(),
        cost.cpuMicrosPerRequest(),
        server.tree().pssBytes(),
        OptionalDouble.empty(),
        0);
  }
}
