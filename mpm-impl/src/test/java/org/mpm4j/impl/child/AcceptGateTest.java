package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which child is to leave a connection to its siblings.
final class AcceptGateTest {
  @ParameterizedTest
  @CsvSource({
    // siblings, what they have together, the most that is fair
    "1, 0, 4",
    "1, 3, 7",
    "1, 4, 9",
    "1, 100, 129",
    "3, 2, 4", // a mean below one
    "3, 300, 129",
    "3, 302, 129", // the mean is rounded down
    "99, 99000000, 1250004",
    "2, 4294967294, 2684354562" // more than an int
  })
  void isFairUpToAQuarterAboveTheMeanAndAHandful(int siblings, long sum, long most) {
    assertTrue(AcceptGate.fair((int) Math.min(most, Integer.MAX_VALUE), sum, siblings));
    if (most < Integer.MAX_VALUE) {
      assertFalse(AcceptGate.fair((int) most + 1, sum, siblings));
    }
  }

  /// Otherwise all children could close their gates at once and nobody would accept.
  @Test
  void isAlwaysFairToTheChildWithTheFewest() {
    for (int mine = 0; mine < 300; mine++) {
      for (int more = 0; more < 300; more++) {
        for (int siblings = 1; siblings < 5; siblings++) {
          assertTrue(AcceptGate.fair(mine, (long) mine * siblings + more, siblings));
        }
      }
    }
  }

  @Test
  void takesMoreTheMoreTheSiblingsHave() {
    boolean before = false;
    for (long sum = 0; sum < 1000; sum++) {
      boolean now = AcceptGate.fair(100, sum, 3);
      assertTrue(now || !before, "closes at " + sum);
      before = now;
    }
    assertEquals(true, before);
  }
}
