package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.impl.os.Linux;

/// All parts of `compare --capacity`, with few connections.
@Timeout(240)
final class CapacityIT {
  @Test
  void everyIdleConnectionAnswersAfterwards() throws Exception {
    assumeTrue(LoadGenerator.missing(false).isEmpty(), "wrk is missing");
    assumeTrue(Linux.open().openFileHardLimit() >= CapacityRun.DESCRIPTORS);
    CapacitySettings settings =
        new CapacitySettings(List.of(Capacity.Part.values()), List.of(0, 50), 1, 1, 1, 50, 60, 2);
    CapacityResults results;
    try (TestBed bed = TestBed.open(new PrintStream(OutputStream.nullOutputStream()))) {
      results = new CapacityRun(settings, bed).run();
    }
    assertEquals(List.of(0, 50), results.held().stream().map(it -> it.answered()).toList());
    assertEquals(List.of(50, 50), results.memory().stream().map(it -> it.answered()).toList());
    CapacityResults.Many many = results.many().getFirst();
    assertEquals(60, many.connected());
    assertEquals(60, many.answered());
    assertEquals(2, many.spread().size());
    assertTrue(CapacityReport.of("A run", Map.of(), results).contains("60 connections over 2"));
  }
}
