package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RespawnDelayTest {
  @Test
  void doublesUpToHalfAMinute() {
    List<Long> seconds =
        Stream.iterate(RespawnDelay.NONE, RespawnDelay::afterFailure)
            .limit(9)
            .map(delay -> delay.nanos() / 1_000_000_000)
            .toList();
    assertEquals(List.of(0L, 1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L), seconds);
  }
}
