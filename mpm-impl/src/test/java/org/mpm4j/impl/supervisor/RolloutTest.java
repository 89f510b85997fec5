package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;

/// The pace of a takeover by table, and whole takeovers in a world in which children start and die
/// at random.
final class RolloutTest {
  @ParameterizedTest
  @CsvSource({
    // wanted, before, surge, unavailable, live, ready, old, starts
    "4, 4, 1, 0, 0, 0, 4, 1",
    "4, 4, 1, 0, 1, 0, 4, 0", // one beyond what is needed starts already
    "4, 4, 1, 0, 1, 1, 3, 1",
    "4, 4, 1, 0, 1, 0, 3, 1", // an old one died
    "4, 4, 1, 0, 4, 4, 0, 0",
    "4, 4, 2, 0, 0, 0, 4, 2",
    "4, 4, 9, 0, 0, 0, 4, 4", // never more than are wanted
    "4, 4, 0, 1, 0, 0, 4, 0", // first an old one drains
    "4, 4, 0, 1, 0, 0, 3, 1",
    "4, 4, 1, 1, 0, 0, 3, 2",
    "1, 1, 1, 0, 0, 0, 1, 1",
    "4, 0, 1, 0, 0, 0, 0, 4", // nobody serves: all at once
    "4, 0, 0, 1, 1, 0, 0, 3",
    "1, 256, 1, 0, 0, 0, 256, 1", // prefork to event
    "256, 1, 1, 0, 0, 0, 1, 1", // event to prefork
    "256, 1, 64, 0, 0, 0, 1, 64",
    "5, 2, 0, 1, 0, 0, 2, 1", // no old one can drain, so one has to start
    "5, 2, 0, 1, 1, 0, 2, 0",
    "4, 4, 2147483647, 0, 0, 0, 3, 4",
  })
  void startsChildren(
      int wanted,
      int before,
      int surge,
      int unavailable,
      int live,
      int ready,
      int old,
      int starts) {
    assertEquals(starts, new Rollout(wanted, before, surge, unavailable).toStart(live, ready, old));
  }

  @ParameterizedTest
  @CsvSource({
    // wanted, before, surge, unavailable, ready, old, drains
    "4, 4, 1, 0, 0, 4, 0",
    "4, 4, 1, 0, 1, 4, 1",
    "4, 4, 1, 0, 1, 3, 0",
    "4, 4, 1, 0, 3, 3, 2",
    "4, 4, 1, 0, 4, 1, 1",
    "4, 4, 1, 0, 1, 2, 0", // old ones died: those that are left have to stay
    "4, 4, 0, 2, 0, 4, 2",
    "4, 4, 0, 4, 0, 4, 4", // all may be missing
    "4, 4, 0, 9, 0, 4, 4",
    "4, 0, 1, 0, 0, 0, 0",
    "1, 256, 1, 0, 0, 256, 0", // prefork to event
    "1, 256, 1, 0, 1, 256, 256",
    "2, 256, 1, 0, 1, 256, 128",
    "256, 1, 1, 0, 255, 1, 0", // event to prefork
    "256, 1, 1, 0, 256, 1, 1",
    "256, 2, 1, 0, 127, 2, 0",
    "256, 2, 1, 0, 128, 2, 1",
  })
  void drainsChildren(
      int wanted, int before, int surge, int unavailable, int ready, int old, int drains) {
    assertEquals(drains, new Rollout(wanted, before, surge, unavailable).toDrain(ready, old));
  }

  @Test
  void isDoneWhenAllAreReadyAndNoOldOneServes() {
    Rollout rollout = new Rollout(2, 3, 1, 0);
    assertFalse(rollout.done(2, 1));
    assertFalse(rollout.done(1, 0));
    assertTrue(rollout.done(2, 0));
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 1, 0", "1, -1, 1, 0", "1, 1, -1, 2", "1, 1, 2, -1", "1, 1, 0, 0"})
  void refusesWhatCannotEnd(int wanted, int before, int surge, int unavailable) {
    assertThrows(
        IllegalArgumentException.class, () -> new Rollout(wanted, before, surge, unavailable));
  }

  // ---- whole takeovers ----

  /// Two sides of children, advanced as the supervisor does.
  private static final class World {
    final Random random;
    final Rollout rollout;
    final double deathRate;
    int starting;
    int ready;
    int old;

    World(Random random, Rollout rollout, double deathRate, int ready, int old) {
      this.random = random;
      this.rollout = rollout;
      this.deathRate = deathRate;
      this.ready = ready;
      this.old = old;
    }

    boolean done() {
      return rollout.done(ready, old);
    }

    /// Takes the decisions of one moment and checks them.
    void decide() {
      int drained = rollout.toDrain(ready, old);
      assertTrue(drained >= 0 && drained <= old, () -> this + " drains " + drained);
      old -= drained;
      int started = rollout.toStart(starting + ready, ready, old);
      assertTrue(started >= 0, () -> this + " starts " + started);
      starting += started;
      if (drained > 0 || deathRate == 0) {
        assertTrue(capacity() >= least(), () -> this + " drained " + drained);
      }
      assertTrue(starting + ready <= rollout.wanted(), this::toString);
      assertTrue(starting == 0 || load() <= most(), () -> this + " started " + started);
    }

    /// Lets children become ready and die, or nothing happen.
    void live() {
      int begun = part(starting, 0.3);
      starting -= begun;
      ready += begun;
      starting -= part(starting, deathRate);
      ready -= part(ready, deathRate);
      old -= part(old, deathRate);
    }

    private int part(int children, double rate) {
      int some = 0;
      for (int i = 0; i < children; i++) {
        some += random.nextDouble() < rate ? 1 : 0;
      }
      return some;
    }

    // An old child is worth `wanted` and a new one `before`, and 1 if there was no old one.

    private int worth() {
      return Math.max(1, rollout.before());
    }

    private int capacity() {
      return rollout.wanted() * old + worth() * ready;
    }

    /// What serves at least: deaths aside, the share that may be unavailable is all that is
    /// missing.
    private int least() {
      return rollout.before() == 0 ? 0 : worth() * (rollout.wanted() - rollout.unavailable());
    }

    private int load() {
      return rollout.wanted() * old + worth() * (starting + ready);
    }

    /// What exists at most: the surge, and where children are not worth the same, a part of one of
    /// each side.
    private int most() {
      int most = worth() * (rollout.wanted() + rollout.surge());
      boolean same = rollout.before() == rollout.wanted();
      return same ? most : most + worth() + rollout.wanted() - 1;
    }

    void finish() {
      for (int step = 0; !done(); step++) {
        assertTrue(step < 20_000, () -> "no end: " + this);
        decide();
        live();
      }
    }

    @Override
    public String toString() {
      return rollout + " starting=" + starting + " ready=" + ready + " old=" + old;
    }
  }

  private static Rollout rollout(Random random) {
    int wanted = 1 + random.nextInt(12);
    int before =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 1 + random.nextInt(40);
          default -> wanted;
        };
    int surge = random.nextInt(wanted + 2);
    int unavailable = random.nextInt(wanted + 1);
    return new Rollout(wanted, before, surge, surge == 0 ? Math.max(1, unavailable) : unavailable);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0.005", "3, 0.03"})
  void alwaysEnds(long seed, double deathRate) {
    Random random = new Random(seed);
    for (int i = 0; i < 5000; i++) {
      Rollout rollout = rollout(random);
      new World(random, rollout, deathRate, 0, rollout.before()).finish();
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 0", "5, 0.02"})
  void givesBackFromAnyMoment(long seed, double deathRate) {
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      Rollout rollout = rollout(random);
      int before = rollout.before();
      World forward = new World(random, rollout, deathRate, 0, before);
      for (int steps = random.nextInt(20); steps > 0 && !forward.done(); steps--) {
        forward.decide();
        forward.live();
      }
      Takeover takeover = takeover(before, rollout);
      takeover.revert(forward.ready, 0); // what starts is ended
      int serving = forward.old;
      int leaving = forward.ready;
      World back = new World(random, takeover.rollout(), deathRate, serving, leaving);
      assertEquals(Math.max(1, before), back.rollout.wanted());
      back.decide();
      assertEquals(back.rollout.wanted(), back.starting + back.ready, "all at once: " + back);
      back.finish();
    }
  }

  // ---- the two directions ----

  private final MpmConfig config =
      MpmConfig.builder(ProcessModel.PREFORK).listen("127.0.0.1:0").build();
  private final Generation from = generation(3);
  private final Generation to = generation(4);

  private Generation generation(int number) {
    ChildCommand command =
        new ChildCommand("Main", RolloutTest.class, new MachineLimits(1, 1 << 30, 1024));
    return new Generation(number, config, "Application", command, List.of());
  }

  private Takeover takeover(int before, Rollout rollout) {
    Takeover.Request request = new Takeover.Request(config, false, new CompletableFuture<>(), 0);
    return new Takeover(request, from, to, before, rollout);
  }

  @Test
  void aTakeoverTurnsRoundOnce() {
    Takeover takeover = takeover(4, new Rollout(4, 4, 1, 0));
    assertTrue(takeover.forward());
    assertEquals(to, takeover.incoming());
    assertEquals(from, takeover.outgoing());
    takeover.fail("the moon is full", "woe");
    takeover.fail("another reason", "");
    long now = Long.MAX_VALUE;
    assertFalse(takeover.overdue(now));
    takeover.revert(1, now);
    assertFalse(takeover.forward());
    assertEquals(from, takeover.incoming());
    assertEquals(to, takeover.outgoing());
    assertEquals("rollback", takeover.why());
    assertEquals("the moon is full", takeover.failure());
    assertEquals("woe", takeover.lastOutput());
    assertEquals(new Rollout(4, 1, 4, 0), takeover.rollout());
    long patience = config.childStartTimeout().toNanos();
    assertFalse(takeover.overdue(now + patience));
    assertTrue(takeover.overdue(now + patience + 1));
  }
}
