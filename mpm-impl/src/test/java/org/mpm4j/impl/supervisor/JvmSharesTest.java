package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class JvmSharesTest {
  private static final long GB = 1L << 30;

  @Test
  void divideTheMachine() {
    assertEquals(
        List.of("-XX:ActiveProcessorCount=4", "-Xmx3072m", "-XX:ReservedCodeCacheSize=60m"),
        JvmShares.options(16, 16 * GB, 4, List.of()));
  }

  @Test
  void leaveEveryChildEnoughToRun() {
    assertEquals(
        List.of("-XX:ActiveProcessorCount=1", "-Xmx32m", "-XX:ReservedCodeCacheSize=32m"),
        JvmShares.options(2, 2 * GB, 256, List.of()));
  }

  @Test
  void giveWayToWhatIsConfigured() {
    assertEquals(
        List.of("-XX:ActiveProcessorCount=1", "-XX:ReservedCodeCacheSize=120m"),
        JvmShares.options(2, 2 * GB, 2, List.of("-XX:MaxRAMPercentage=20")));
    assertEquals(
        List.of("-Xmx768m"),
        JvmShares.options(
            2, 2 * GB, 2, List.of("-XX:ActiveProcessorCount=2", "-XX:ReservedCodeCacheSize=20m")));
  }
}
