package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.MpmStatus.BreakerState.CLOSED;
import static org.mpm4j.MpmStatus.BreakerState.HALF_OPEN;
import static org.mpm4j.MpmStatus.BreakerState.OPEN;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.ProcessModel;

/// Which children may be started after which deaths.
final class CrashControlTest {
  private static final long SECOND = 1_000_000_000;
  private static final long MINUTE = 60 * SECOND;

  // System.nanoTime has any origin: this one soon overflows
  private static final long NOW = Duration.ofNanos(Long.MAX_VALUE).minusSeconds(3).toNanos();

  private static final long NEVER_READY = -1;
  private static final long SOON = CrashControl.PROVEN - 1;

  /// Three deaths and one for each child within a minute, then 20 s without.
  private static final CrashControl.Limits LIMITS = new CrashControl.Limits(3, MINUTE, 20 * SECOND);

  private static final CrashControl.Limits LENIENT =
      new CrashControl.Limits(1_000_000, MINUTE, 20 * SECOND);

  private static CrashControl died(CrashControl control, long served, long now) {
    return control.died(served, 2, 0, "it died", now);
  }

  /// Children that die at once, in seconds to wait after each.
  private static List<Long> pauses(long served, int deaths) {
    List<Long> pauses = new ArrayList<>();
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    long now = NOW;
    for (int i = 0; i < deaths; i++) {
      control = died(control, served, now);
      pauses.add((control.nextStart() - now) / SECOND);
      now = control.nextStart();
    }
    return pauses;
  }

  private static CrashControl open() {
    CrashControl control = CrashControl.closed(LIMITS, NOW);
    for (int i = 0; i < 6; i++) {
      control = died(control, CrashControl.PROVEN, NOW);
    }
    assertEquals(OPEN, control.state());
    return control;
  }

  private static CrashControl halfOpen() {
    CrashControl open = open();
    CrashControl halfOpen = open.at(open.nextStart());
    assertEquals(HALF_OPEN, halfOpen.state());
    return halfOpen;
  }

  // ---- back-off ----

  @Test
  void pausesGrowToHalfAMinute() {
    assertEquals(
        List.of(0L, 0L, 1L, 2L, 4L, 8L, 16L, 30L, 30L),
        IntStream.range(-1, 8).mapToObj(i -> CrashControl.pause(i) / SECOND).toList());
    assertEquals(30 * SECOND, CrashControl.pause(Integer.MAX_VALUE));
  }

  @Test
  void aChildThatCannotStartIsNotTriedAgainAtOnce() {
    assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 30L, 30L), pauses(NEVER_READY, 7));
  }

  @Test
  void someChildrenMayDieSoon() {
    assertEquals(List.of(0L, 0L, 0L, 1L, 2L, 4L, 8L, 16L, 30L, 30L), pauses(SOON, 10));
    assertEquals(List.of(0L, 0L, 0L, 1L), pauses(0, 4));
  }

  @Test
  void childrenThatHaveServedAreReplacedAtOnce() {
    assertEquals(List.of(0L, 0L, 0L, 0L, 0L, 0L, 0L), pauses(CrashControl.PROVEN, 7));
  }

  @Test
  void jitterMakesThePauseLongerByAQuarterAtMost() {
    CrashControl closed = CrashControl.closed(LENIENT, NOW);
    for (double jitter : List.of(0.0, 0.5, 1.0)) {
      CrashControl control = closed.died(NEVER_READY, 2, jitter, "it died", NOW);
      assertEquals((long) (SECOND * (1 + jitter / 4)), control.nextStart() - NOW);
    }
    CrashControl open = halfOpen().died(NEVER_READY, 2, 1, "it died", NOW + MINUTE);
    assertEquals(25 * SECOND, open.nextStart() - (NOW + MINUTE));
  }

  @Test
  void noneIsStartedDuringThePause() {
    CrashControl control = died(CrashControl.closed(LIMITS, NOW), NEVER_READY, NOW);
    assertEquals(CLOSED, control.state());
    assertEquals(0, control.allowed(0, NOW));
    assertEquals(0, control.allowed(0, NOW + SECOND - 1));
    assertEquals(Integer.MAX_VALUE, control.allowed(0, NOW + SECOND));
    assertEquals(
        new Breaker(CLOSED, 1, Duration.ofMillis(400), "it died"),
        control.status(NOW + SECOND * 6 / 10));
  }

  @Test
  void aChildThatIsReadyEndsThePause() {
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    for (int i = 0; i < 5; i++) {
      control = died(control, NEVER_READY, NOW);
    }
    CrashControl ready = control.ready(NOW + 1);
    assertEquals(Integer.MAX_VALUE, ready.allowed(0, NOW + 1));
    assertEquals("", ready.status(NOW + 1).why());
    assertEquals(NOW + 2 + SECOND, died(ready, NEVER_READY, NOW + 2).nextStart());
  }

  @Test
  void butNotThePauseOfThoseThatDieSoonAfter() {
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    for (int i = 0; i < 5; i++) {
      control = died(control, SOON, NOW);
    }
    assertEquals(NOW + 2 * SECOND, control.nextStart());
    assertEquals(0, control.ready(NOW + 1).allowed(0, NOW + 1));
    assertEquals("it died", control.ready(NOW + 1).status(NOW + 1).why());
    assertEquals(NOW + 5 * SECOND, died(control.ready(NOW), SOON, NOW + SECOND).nextStart());
  }

  @Test
  void aChildThatHasServedEndsTheRow() {
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    for (int i = 0; i < 5; i++) {
      control = died(died(control, SOON, NOW), NEVER_READY, NOW);
    }
    long later = NOW + MINUTE;
    control = died(control, CrashControl.PROVEN, later);
    assertEquals(later, control.nextStart());
    assertEquals(later, died(control, SOON, later).nextStart());
    assertEquals(later + SECOND, died(control, NEVER_READY, later).nextStart());
  }

  @Test
  void aLongTimeWithoutDeathsEndsTheRow() {
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    for (int i = 0; i < 8; i++) {
      control = died(control, SOON, NOW);
    }
    long soon = NOW + CrashControl.QUIET;
    assertEquals(soon + 30 * SECOND, died(control, SOON, soon).nextStart());
    assertEquals(soon + 1, died(control, SOON, soon + 1).nextStart());
  }

  @Test
  void aLesserFailureDoesNotShortenThePause() {
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    for (int i = 0; i < 5; i++) {
      control = died(control, NEVER_READY, NOW);
    }
    assertEquals(NOW + 16 * SECOND, control.nextStart());
    assertEquals(NOW + 16 * SECOND, died(control, SOON, NOW + 1).nextStart());
    assertEquals(NOW + 16 * SECOND, died(control, CrashControl.PROVEN, NOW + 1).nextStart());
  }

  // ---- the breaker ----

  @Test
  void theBreakerOpensAboveTheLimit() {
    CrashControl control = CrashControl.closed(LIMITS, NOW);
    for (int i = 1; i <= 5; i++) { // three, and one for each of two children
      control = died(control, CrashControl.PROVEN, NOW + i);
      assertEquals(CLOSED, control.state(), i + " deaths");
    }
    control = died(control, CrashControl.PROVEN, NOW + 6);
    assertEquals(OPEN, control.state());
    assertEquals(NOW + 6 + 20 * SECOND, control.nextStart());
    assertEquals(new Breaker(OPEN, 6, Duration.ofSeconds(20), "it died"), control.status(NOW + 6));
  }

  @Test
  void aLargeLimitNeverOpensIt() {
    CrashControl.Limits limits = new CrashControl.Limits(Integer.MAX_VALUE, MINUTE, SECOND);
    assertEquals(CLOSED, died(CrashControl.closed(limits, NOW), SOON, NOW).state());
  }

  @Test
  void deathsBeforeTheIntervalAreForgotten() {
    CrashControl control = CrashControl.closed(LIMITS, NOW);
    long now = NOW;
    for (int i = 0; i < 100; i++) {
      control = died(control, CrashControl.PROVEN, now);
      assertEquals(CLOSED, control.state());
      now += MINUTE / 5 + 1; // five within any minute
    }
    assertEquals(5, control.deaths().size());
    long last = control.deaths().getLast();
    assertEquals(5, control.status(last).deaths());
    assertEquals(1, control.status(last + MINUTE).deaths());
    assertEquals(0, control.status(last + MINUTE + 1).deaths());
  }

  @Test
  void oneIsTriedAfterTheCoolDown() {
    CrashControl open = open();
    long end = NOW + 20 * SECOND;
    assertEquals(0, open.allowed(0, NOW));
    assertEquals(0, open.allowed(0, end)); // time passes through at
    assertEquals(open, open.at(end - 1));
    CrashControl halfOpen = open.at(end + 5);
    assertEquals(HALF_OPEN, halfOpen.state());
    assertEquals(end + 5, halfOpen.nextStart()); // what starts from now on is the trial
    assertEquals(1, halfOpen.allowed(0, end + 5));
    assertEquals(0, halfOpen.allowed(1, end + 5));
    assertEquals(0, halfOpen.allowed(2, end + 5));
    assertEquals(halfOpen, halfOpen.at(end + MINUTE));
  }

  @Test
  void readyIsNotEnoughToCloseIt() {
    CrashControl halfOpen = halfOpen();
    CrashControl ready = halfOpen.ready(NOW + MINUTE);
    assertEquals(HALF_OPEN, ready.state());
    assertEquals(halfOpen.nextStart(), ready.nextStart());
    assertEquals("it died", ready.status(NOW + MINUTE).why());
    assertEquals(OPEN, open().ready(NOW + 1).state());
    assertEquals(0, open().ready(NOW + 1).allowed(0, NOW + 1));
  }

  @Test
  void itOpensAgainIfTheOneDies() {
    long now = NOW + 5 * MINUTE; // all deaths are forgotten
    CrashControl open = died(halfOpen(), SOON, now);
    assertEquals(OPEN, open.state());
    assertEquals(now + 20 * SECOND, open.nextStart());
  }

  @Test
  void aDeathWhileItIsOpenDoesNotShortenTheCoolDown() {
    CrashControl open = halfOpen().died(SOON, 2, 1, "it died", NOW + MINUTE);
    assertEquals(NOW + MINUTE + 25 * SECOND, open.nextStart());
    assertEquals(open.nextStart(), died(open, SOON, NOW + MINUTE).nextStart());
    CrashControl tooMany = open.died(SOON, 2, 1, "it died", NOW + MINUTE);
    for (int i = 0; i < 9; i++) {
      tooMany = died(tooMany, SOON, NOW + MINUTE);
    }
    assertEquals(open.nextStart(), tooMany.nextStart());
  }

  @Test
  void openingItDoesNotShortenThePause() {
    CrashControl.Limits impatient = new CrashControl.Limits(5, MINUTE, SECOND);
    CrashControl control = CrashControl.closed(impatient, NOW);
    for (int i = 0; i < 6; i++) {
      control = control.died(NEVER_READY, 0, 0, "it died", NOW);
    }
    assertEquals(OPEN, control.state());
    assertEquals(NOW + 16 * SECOND, control.nextStart());
  }

  @Test
  void resetForgetsEverything() {
    assertEquals(CrashControl.closed(LIMITS, NOW + 1), open().reset(NOW + 1));
    assertEquals(Integer.MAX_VALUE, open().reset(NOW + 1).allowed(9, NOW + 1));
    assertEquals(new Breaker(CLOSED, 0, Duration.ZERO, ""), open().reset(NOW + 1).status(NOW + 1));
  }

  @Test
  void otherLimitsCountFromTheNextDeathOn() {
    CrashControl.Limits strict = new CrashControl.Limits(1, MINUTE, 5 * SECOND);
    CrashControl control = CrashControl.closed(LENIENT, NOW);
    for (int i = 0; i < 9; i++) {
      control = died(control, CrashControl.PROVEN, NOW);
    }
    control = control.with(strict);
    assertEquals(CLOSED, control.state());
    control = died(control, CrashControl.PROVEN, NOW + 1);
    assertEquals(OPEN, control.state());
    assertEquals(NOW + 1 + 5 * SECOND, control.nextStart());
    assertEquals(open().nextStart(), open().with(strict).nextStart());
    assertEquals(OPEN, open().with(LENIENT).state());
  }

  @Test
  void limitsAreThoseOfTheConfiguration() {
    MpmConfig config =
        MpmConfig.builder(ProcessModel.EVENT)
            .listen("127.0.0.1:0")
            .childRestartLimit(7)
            .childRestartInterval(Duration.ofSeconds(5))
            .childRestartCoolDown(Duration.ofMillis(3))
            .build();
    assertEquals(new CrashControl.Limits(7, 5 * SECOND, 3_000_000), CrashControl.Limits.of(config));
  }

  // ---- any life ----

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noneIsStartedWhileItIsOpen(long seed) {
    Random random = new Random(seed);
    long now = random.nextLong();
    CrashControl.Limits limits =
        new CrashControl.Limits(
            1 + random.nextInt(5), 1 + random.nextLong(MINUTE), 1 + random.nextLong(MINUTE));
    CrashControl control = CrashControl.closed(limits, now);
    int opened = 0;
    int reopened = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(3) == 0 ? 0 : random.nextLong(10 * SECOND);
      CrashControl before = control;
      BreakerState expected = before.state();
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          long served = random.nextLong(2 * CrashControl.PROVEN) - CrashControl.PROVEN;
          control = before.died(served, random.nextInt(4), random.nextDouble(), "it died", now);
          if (control.state() == OPEN && expected != OPEN) {
            opened += expected == CLOSED ? 1 : 0;
            reopened += expected == HALF_OPEN ? 1 : 0;
            assertTrue(control.nextStart() - now >= limits.coolDown(), before + " → " + control);
            expected = OPEN;
          }
          assertTrue(before.state() != HALF_OPEN || expected == OPEN, before + " → " + control);
          assertTrue(control.nextStart() - before.nextStart() >= 0, before + " → " + control);
          assertEquals(now, control.deaths().getLast());
          assertTrue(now - control.deaths().getFirst() <= limits.interval(), control::toString);
        }
        case 3 -> control = before.ready(now);
        case 4 -> {
          if (random.nextInt(50) == 0 || expected == HALF_OPEN) {
            control = before.reset(now);
            expected = CLOSED;
          }
        }
        default -> {
          control = before.at(now);
          boolean over = now - before.nextStart() >= 0;
          expected = expected == OPEN && over ? HALF_OPEN : expected;
        }
      }
      assertEquals(expected, control.state(), before + " → " + control);
      int tried = random.nextInt(3);
      int allowed = control.allowed(tried, now);
      switch (control.state()) {
        case OPEN -> assertEquals(0, allowed);
        case HALF_OPEN -> assertEquals(tried == 0 ? 1 : 0, allowed);
        case CLOSED -> assertEquals(now - control.nextStart() < 0 ? 0 : Integer.MAX_VALUE, allowed);
      }
    }
    assertTrue(opened > 10 && reopened > 10, opened + " times opened, " + reopened + " reopened");
  }
}
