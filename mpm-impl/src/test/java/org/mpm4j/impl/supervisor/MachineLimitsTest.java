package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mpm4j.Correction;
import org.mpm4j.MpmConfig;

class MachineLimitsTest {
  private static final long GB = 1L << 30;

  @Test
  void sayNothingToWhatFits() {
    assertEquals(List.of(), check(16 * GB, 20_000, "Mpm event"));
    assertEquals(List.of(), check(64 * GB, 1024, "Mpm prefork"));
  }

  @Test
  void nameTheDescriptorsThatAreMissing() {
    assertEquals(
        List.of(
            "this machine: MaxKeepAliveConnections 50000 needs up to 50075 connections in a child,"
                + " but ulimit -n 20000 leaves 19872 beside the 128 that a JVM uses itself: using"
                + " 19797"),
        check(16 * GB, 20_000, "Mpm event\nMaxKeepAliveConnections 50000"));
  }

  @Test
  void nameTheMemoryThatIsMissing() {
    assertEquals(
        List.of(
            "this machine: MaxRequestWorkers 256 allows 256 child JVMs of at least 56 MB, 14336 MB"
                + " in all, but there are 2048 MB: using 256"),
        check(2 * GB, 20_000, "Mpm prefork"));
  }

  private static List<String> check(long memory, long openFiles, String directives) {
    MpmConfig config = MpmConfig.parse("test", "Listen 127.0.0.1:0\n" + directives);
    return new MachineLimits(2, memory, openFiles)
        .check(config).stream().map(Correction::toString).toList();
  }
}
