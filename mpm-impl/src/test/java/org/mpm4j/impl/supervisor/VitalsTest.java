package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;

/// Which children hang, and which are too large.
final class VitalsTest {
  private static final long WORK = 100_000_000; // a tenth of a processor for a second
  private static final long MB = 1 << 20;

  private final MpmConfig config = config(Duration.ofSeconds(5));

  private static MpmConfig config(Duration heartbeatTimeout) {
    return MpmConfig.builder(ProcessModel.EVENT)
        .listen("127.0.0.1:0")
        .heartbeatTimeout(heartbeatTimeout)
        .maxChildMemory(100 * MB)
        .build();
  }

  /// A heart that has beaten once; then it stands still.
  private static Vitals standsStill(int observations, long cpuEach) {
    Vitals vitals = Vitals.NONE.observe(1, WORK, MB, 0);
    for (int i = 1; i <= observations; i++) {
      vitals = vitals.observe(1, WORK + i * cpuEach, MB, 0);
    }
    return vitals;
  }

  private static Vitals resident(long... megabytes) {
    Vitals vitals = Vitals.NONE;
    for (int i = 0; i < megabytes.length; i++) {
      vitals = vitals.observe(i + 1, 0, megabytes[i] * MB, 100 * MB);
    }
    return vitals;
  }

  @Test
  void aChildThatIsSilentForHeartbeatTimeoutHangs() {
    assertFalse(Vitals.NONE.hangs(config));
    assertFalse(standsStill(5, 0).hangs(config));
    assertTrue(standsStill(6, 0).hangs(config));
    assertTrue(standsStill(7, WORK).hangs(config)); // what an idle JVM may use
  }

  @Test
  void aChildThatWorksDoesNotHang() {
    assertFalse(standsStill(10_000, WORK + 1).hangs(config)); // it collects garbage
  }

  @Test
  void aChildWhoseHeartBeatsDoesNotHang() {
    Vitals vitals = Vitals.NONE;
    for (int i = 1; i < 10_000; i++) {
      vitals = vitals.observe(i, 0, MB, 0);
      assertFalse(vitals.hangs(config));
    }
  }

  @Test
  void oneBeatOrSomeWorkIsASignOfLife() {
    Vitals silent = standsStill(5, 0);
    assertEquals(0, silent.observe(2, WORK, MB, 0).silent());
    assertEquals(0, silent.observe(1, 2 * WORK + 1, MB, 0).silent());
    Vitals beaten = silent.observe(2, WORK, MB, 0);
    for (int i = 0; i < 5; i++) {
      beaten = beaten.observe(2, WORK, MB, 0);
    }
    assertFalse(beaten.hangs(config));
    assertTrue(beaten.observe(2, WORK, MB, 0).hangs(config));
  }

  @Test
  void timeInWhichNobodyLookedDoesNotCount() {
    // a supervisor that was stopped finds one observation, however long it took
    assertEquals(1, standsStill(0, 0).observe(1, WORK, MB, 0).silent());
  }

  @Test
  void withoutHeartbeatTimeoutNoneHangs() {
    assertFalse(standsStill(1_000_000, 0).hangs(config(Duration.ZERO)));
  }

  @Test
  void aChildIsTooLargeAfterThreeLargeSamplesInARow() {
    assertEquals(Optional.empty(), resident(101, 101).tooLarge(config));
    assertEquals(Optional.empty(), resident(101, 101, 100, 101, 101).tooLarge(config));
    assertEquals(Optional.empty(), resident(100, 100, 100, 100).tooLarge(config));
    Optional<String> why = Optional.of("resident size above MaxChildMemory " + 100 * MB + " bytes");
    assertEquals(why, resident(101, 101, 101).tooLarge(config));
    assertEquals(why, resident(1, 101, 500, 101, 101).tooLarge(config));
  }

  @Test
  void withoutMaxChildMemoryNoneIsTooLarge() {
    Vitals vitals = Vitals.NONE;
    for (int i = 0; i < 10; i++) {
      vitals = vitals.observe(i, 0, Long.MAX_VALUE, 0);
    }
    assertEquals(Optional.empty(), vitals.tooLarge(config));
  }
}
