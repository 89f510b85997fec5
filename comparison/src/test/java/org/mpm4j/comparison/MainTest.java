package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Main.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anUnknownServerIsRefusedWithTheNamesThatThereAre() {
    assertEquals(2, run("--servers", "event,apache"));
    assertTrue(
        errors().startsWith("\"apache\" is no server; expected some of event, worker, prefork, "),
        errors());
  }

  @Test
  void anUnknownScenarioIsRefusedWithTheNamesThatThereAre() {
    assertEquals(2, run("--scenarios", "fast"));
    assertTrue(
        errors().startsWith("\"fast\" is no scenario; expected some of keep-alive-1, "), errors());
  }

  @Test
  void roundsAndSecondsAreAtLeastOne() {
    assertEquals(2, run("--rounds", "0"));
    assertTrue(errors().startsWith("--rounds is 0; expected 1 or more"), errors());
    assertTrue(errors().endsWith("(compare --help lists the options)\n"), errors());
    assertEquals(2, run("--seconds", "x"));
  }

  @Test
  void capacityRefusesWhatItCannotMeasure() {
    assertEquals(2, run("--capacity", "--part", "held,disk"));
    assertTrue(errors().contains("expected one of [HELD, MEMORY, MANY]"), errors());
    assertEquals(2, run("--capacity", "--rounds", "0"));
    assertTrue(errors().contains("--rounds is 0; expected 1 or more"), errors());
    assertEquals(2, run("--capacity", "--connections", "200000"));
    assertTrue(errors().contains("--connections is 200000; expected 108000 or less"), errors());
    assertTrue(errors().endsWith("(compare --capacity --help lists the options)\n"), errors());
    assertEquals(2, run("--quick", "--capacity"));
    assertTrue(errors().contains("--capacity comes before other options"), errors());
    assertEquals(0, run("--capacity", "--help"));
  }

  @Test
  void theListNamesEveryServerAndScenario() {
    assertEquals(0, run("--list"));
    String listed = out.toString(StandardCharsets.UTF_8);
    Contenders.all().forEach(it -> assertTrue(listed.contains(it.word() + " "), it.word()));
    for (Scenario scenario : Scenario.values()) {
      assertTrue(listed.contains(scenario.word() + " "), scenario.word());
    }
  }

  @Test
  void theOrderIsThatOfTheTables() {
    assertEquals(
        List.of("event", "nginx"),
        Choice.contenders(List.of("nginx", "event")).stream().map(Contender::word).toList());
    assertEquals(Contenders.all().size(), Choice.contenders(List.of()).size());
  }

  @Test
  void aModelThatHoldsAThreadForEachConnectionIsNotGivenMoreThanItHas() {
    for (Contender contender : Choice.contenders(List.of("worker", "httpd-prefork"))) {
      assertTrue(contender.cannot().containsKey(Scenario.KEEP_ALIVE_1000));
      assertTrue(contender.cannot().containsKey(Scenario.IDLE_10000));
      assertTrue(!contender.cannot().containsKey(Scenario.KEEP_ALIVE_64));
    }
    Contender prefork = Choice.contenders(List.of("prefork")).getFirst();
    assertEquals(Contenders.CHILDREN, prefork.connections(Scenario.KEEP_ALIVE_64));
    assertEquals(1, prefork.connections(Scenario.KEEP_ALIVE_1));
    assertEquals(100, prefork.connections(Scenario.AB));
    assertTrue(prefork.notes().containsKey(Scenario.AB_KEEP_ALIVE));
  }

  @Test
  void httpdAndMpm4jHaveTheSamePool() {
    Contender.Site site = new Contender.Site(80, Path.of("/run"), Path.of("/files"));
    for (String model : List.of("event", "worker", "prefork")) {
      String ours = Configurations.mpm4j(model, site, List.of());
      String httpds = Configurations.httpd(model, site, true);
      for (String directive :
          List.of("StartServers", "MaxRequestWorkers", "MaxKeepAliveRequests", "ListenBackLog")) {
        assertEquals(line(ours, directive), line(httpds, directive), model);
      }
    }
  }

  private static String line(String configuration, String directive) {
    return configuration
        .lines()
        .filter(it -> it.startsWith(directive))
        .findFirst()
        .orElseThrow(() -> new AssertionError(directive + " is not in " + configuration));
  }
}
