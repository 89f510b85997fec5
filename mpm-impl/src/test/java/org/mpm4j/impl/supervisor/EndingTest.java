package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mpm4j.impl.supervisor.Ending.Stage;

/// When a child that is to end is made to.
final class EndingTest {
  private static final long SECOND = 1_000_000_000;

  // System.nanoTime has any origin: this one soon overflows
  private static final long NOW = Duration.ofNanos(Long.MAX_VALUE).minusSeconds(2).toNanos();

  /// The stages that begin and when, in milliseconds; looked at every millisecond.
  private static List<String> course(Ending ending, Duration duration) {
    List<String> course = new ArrayList<>();
    Ending last = ending;
    for (int millis = 0; millis <= duration.toMillis(); millis++) {
      Ending next = last.at(NOW + millis * 1_000_000L);
      if (next.stage() != last.stage()) {
        course.add(millis + " " + next.stage());
      }
      last = next;
    }
    return course;
  }

  @Test
  void aChildIsAskedThenMade() {
    assertEquals(
        List.of("5000 DUMPING", "10000 TERMINATING", "13000 KILLING"),
        course(Ending.drain(Duration.ofSeconds(5), NOW), Duration.ofHours(1)));
  }

  @Test
  void withoutATimeoutItMayDrainForEver() {
    Ending ending = Ending.drain(Duration.ZERO, NOW);
    assertEquals(Stage.DRAINING, ending.stage());
    assertEquals(ending, ending.at(NOW));
    assertEquals(ending, ending.at(NOW + Duration.ofDays(365).toNanos()));
  }

  @Test
  void oneThatIsTerminatedIsNotAsked() {
    Ending ending = Ending.terminate(NOW);
    assertEquals(Stage.TERMINATING, ending.stage());
    assertEquals(List.of("3000 KILLING"), course(ending, Duration.ofHours(1)));
  }

  @Test
  void nothingComesAfterTheKill() {
    Ending killing = Ending.terminate(NOW).at(NOW + 3 * SECOND);
    assertEquals(Stage.KILLING, killing.stage());
    assertEquals(killing, killing.at(NOW + 3 * SECOND));
    assertEquals(killing, killing.at(NOW + Duration.ofDays(365).toNanos()));
    assertEquals(killing, killing.at(NOW - Duration.ofDays(365).toNanos()));
  }

  @Test
  void aStageThatIsSeenLateHasItsWholeTime() {
    long late = NOW + 60 * SECOND;
    Ending dumping = Ending.drain(Duration.ofSeconds(5), NOW).at(late);
    assertEquals(new Ending(Stage.DUMPING, true, late + 5 * SECOND), dumping);
    assertEquals(dumping, dumping.at(late + 5 * SECOND - 1));
    Ending terminating = dumping.at(6 * SECOND + late);
    assertEquals(new Ending(Stage.TERMINATING, true, late + 9 * SECOND), terminating);
  }
}
