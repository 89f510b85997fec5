package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mpm4j.comparison.Scenario.CHURN;
import static org.mpm4j.comparison.Scenario.KEEP_ALIVE_64;

import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class ResultsTest {
  private final Results results = new Results();

  private OptionalDouble ratio() {
    return results.ratio("event", "nginx", KEEP_ALIVE_64, Measurement::requestsPerSecond);
  }

  @Test
  void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
    assertEquals(OptionalDouble.empty(), Results.median(DoubleStream.empty()));
    assertEquals(OptionalDouble.of(3), Results.median(DoubleStream.of(9, 3, 1)));
    assertEquals(OptionalDouble.of(4), Results.median(DoubleStream.of(9, 3, 5, 1)));
  }

  @Test
  void aRatioIsTakenWithinEachRound() {
    // the machine was half as fast in the second round and twice as fast in the third
    results.add(Runs.round("event", KEEP_ALIVE_64, 1, 1_000));
    results.add(Runs.round("nginx", KEEP_ALIVE_64, 1, 2_000));
    results.add(Runs.round("event", KEEP_ALIVE_64, 2, 500));
    results.add(Runs.round("nginx", KEEP_ALIVE_64, 2, 1_000));
    results.add(Runs.round("event", KEEP_ALIVE_64, 3, 2_000));
    results.add(Runs.round("nginx", KEEP_ALIVE_64, 3, 4_000));
    assertEquals(OptionalDouble.of(0.5), ratio());
  }

  @Test
  void aRoundThatOnlyOneOfThemHasIsLeftOut() {
    results.add(Runs.round("event", KEEP_ALIVE_64, 1, 1_000));
    assertEquals(OptionalDouble.empty(), ratio());
    results.add(Runs.round("event", KEEP_ALIVE_64, 2, 3_000));
    results.add(Runs.round("nginx", KEEP_ALIVE_64, 2, 1_000));
    results.add(Runs.round("nginx", CHURN, 1, 1));
    assertEquals(OptionalDouble.of(3), ratio());
  }

  @Test
  void processorTimeIsThatOfTheProcessesThatAreThereAtTheEnd() {
    assertEquals(
        70,
        ProcessTree.cpuNanosBetween(
            java.util.Map.of(1L, 100L, 2L, 50L), java.util.Map.of(1L, 160L, 3L, 10L)));
  }

  @Test
  void theProportionalSetIsReadInKilobytes() {
    String rollup =
        """
        7e000000-7ffdba742000 ---p 00000000 00:00 0                              [rollup]
        Rss:              169120 kB
        Pss:              146272 kB
        Pss_Dirty:        143192 kB
        """;
    assertEquals(146_272L * 1024, ProcessTree.pssBytes(rollup));
  }
}
