package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// Which child is to leave a connection to its siblings.
final class AcceptGateTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    // siblings, what they have together, the most that is fair
    "1, 0, 4",
    "1, 3, 7",
    "1, 8, 13",
    "1, 100, 116",
    "3, 2, 4", // a mean below one
    "3, 300, 116",
    "3, 302, 116", // the mean is rounded down
    "99, 99000000, 1125004",
    "2, 4294967294, 2415919106" // more than an int
  })
  void isFairUpToAnEighthAboveTheMeanAndAHandful(int siblings, long sum, long most) {
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

  /// A burst: children that have closed their gates are to count for each other, or each of them
  /// would find nobody that accepts, and take everything.
  @Test
  void sharesABurstWhoeverIsFastest() throws Exception {
    Path file = Files.createFile(directory.resolve("scoreboard"));
    try (Scoreboard scoreboard = Scoreboard.create(file, ProcessModel.EVENT, 4, 1, 1)) {
      scoreboard.slotsInUse(4);
      AcceptGate[] gates = new AcceptGate[4];
      for (int slot = 0; slot < 4; slot++) {
        ProcessScore child = scoreboard.process(slot);
        child.assign(100 + slot, 0, 1, 0);
        child.state(ProcessState.READY, "");
        child.accepting(true);
        gates[slot] = new AcceptGate(scoreboard, slot);
      }
      Random random = new Random(3);
      for (int left = 600; left > 0; ) {
        int slot = random.nextInt(100) < 90 ? 2 : random.nextInt(4); // one is much faster
        ProcessScore child = scoreboard.process(slot);
        for (int i = 0; i < 16 && left > 0 && gates[slot].open(child.connections(), 0); i++) {
          child.addConnections(1);
          left--;
        }
      }
      for (int slot = 0; slot < 4; slot++) {
        int connections = scoreboard.process(slot).connections();
        assertTrue(connections >= 112 && connections <= 188, slot + " has " + connections);
      }
    }
  }

  @Test
  void asksAgainLaterTheLongerItIsClosed() throws Exception {
    Path file = Files.createFile(directory.resolve("scoreboard"));
    try (Scoreboard scoreboard = Scoreboard.create(file, ProcessModel.EVENT, 2, 1, 1)) {
      scoreboard.slotsInUse(2);
      ProcessScore sibling = scoreboard.process(1);
      sibling.assign(7, 0, 1, 0);
      sibling.state(ProcessState.READY, "");
      sibling.accepting(true);
      AcceptGate gate = new AcceptGate(scoreboard, 0);
      long start = Long.MAX_VALUE - 5; // nanoTime may wrap around
      assertTrue(gate.open(4, start));
      assertEquals(50_000_000, gate.recheckNanos(start));
      assertFalse(gate.open(5, start));
      assertEquals(1_000_000, gate.recheckNanos(start));
      assertFalse(gate.open(5, start + 3_000_000));
      assertEquals(3_000_000, gate.recheckNanos(start + 3_000_000));
      assertEquals(50_000_000, gate.recheckNanos(start + 90_000_000));
      sibling.addConnections(5);
      assertTrue(gate.open(5, start + 90_000_000));
      assertFalse(gate.open(10, start + 91_000_000));
      assertEquals(1_000_000, gate.recheckNanos(start + 91_000_000));
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
