package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// Time that stands still while the supervisor does.
final class SupervisorClockTest {
  private static final long SECOND = 1_000_000_000;
  private static final long LATE = 2 * SECOND;

  private long real = Long.MAX_VALUE - SECOND; // System.nanoTime has any origin
  private final SupervisorClock clock = new SupervisorClock(() -> real);
  private final long start = clock.now();

  private long look(long passed, long waited) {
    real += passed;
    long before = clock.now();
    clock.look(waited);
    return clock.now() - before;
  }

  @Test
  void itIsTheTimeOfTheLastLook() {
    assertEquals(real, start);
    real += SECOND;
    assertEquals(start, clock.now());
    clock.look(SECOND);
    assertEquals(start + SECOND, clock.now());
  }

  @Test
  void ordinaryLatenessPasses() {
    assertEquals(SECOND, look(SECOND, SECOND));
    assertEquals(5, look(5, SECOND)); // woken early
    assertEquals(0, look(0, SECOND));
    assertEquals(LATE, look(LATE, 0));
    assertEquals(SECOND + LATE, look(SECOND + LATE, SECOND));
    assertEquals(real, clock.now());
  }

  @Test
  void aStopDoesNotPass() {
    assertEquals(SECOND, look(SECOND + LATE + 1, SECOND));
    assertEquals(SECOND, look(3_600 * SECOND, SECOND));
    assertEquals(0, look(3_600 * SECOND, 0));
    assertEquals(SECOND, look(SECOND, SECOND)); // it goes on
    assertEquals(start + 3 * SECOND, clock.now());
  }

  @Test
  void itNeverGoesBackNorFasterThanTheMachine() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      long waited = random.nextLong(SECOND);
      long passed = random.nextLong(random.nextInt(10) == 0 ? 100 * SECOND : 2 * SECOND);
      long seen = look(passed, waited);
      assertTrue(seen >= 0 && seen <= passed, seen + " of " + passed);
      assertTrue(seen <= waited + LATE, seen + " while " + waited + " was waited");
    }
  }
}
