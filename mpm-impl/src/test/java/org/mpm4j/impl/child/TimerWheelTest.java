package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The wheel against a sorted map, with time that the test makes.
final class TimerWheelTest {
  private static final long TICK = TimerWheel.TICK_NANOS;
  private static final long HORIZON = 1023 * TICK;

  private int created;

  /// A descriptor that is in no wheel.
  private int fd() {
    return created++;
  }

  private static long tickOf(long origin, long now) {
    return (now - origin) / TICK;
  }

  /// The first tick that is not before `deadline`.
  private static long dueTick(long origin, long deadline) {
    return Math.ceilDiv(deadline - origin, TICK);
  }

  /// What a wheel should hold: connections by deadline, each deadline once.
  private final class Simulation {
    final Random random;
    final long origin;
    final TimerWheel wheel;
    final TreeMap<Long, Integer> waiting = new TreeMap<>();
    final Map<Integer, Long> deadlines = new HashMap<>();
    long now;

    Simulation(long seed) {
      random = new Random(seed);
      origin = random.nextLong() / 2; // System.nanoTime has any origin
      now = origin;
      wheel = new TimerWheel(origin);
    }

    void step() {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3, 4 -> add();
        case 5, 6 -> remove();
        case 7, 8 -> advance(now + random.nextLong(3 * TICK));
        default -> advance(now + random.nextLong(random.nextInt(20) == 0 ? 5 * HORIZON : HORIZON));
      }
      check();
    }

    private void add() {
      long deadline =
          switch (random.nextInt(6)) {
            case 0 -> now - random.nextLong(TICK); // over already
            case 1 -> now + random.nextLong(20 * HORIZON);
            case 2 -> origin + (tickOf(origin, now) + random.nextInt(5)) * TICK;
            default -> now + random.nextLong(HORIZON);
          };
      if (!waiting.containsKey(deadline)) {
        int connection = fd();
        waiting.put(deadline, connection);
        deadlines.put(connection, deadline);
        wheel.add(connection, deadline);
      }
    }

    private void remove() {
      Map.Entry<Long, Integer> some = waiting.ceilingEntry(now + random.nextLong(HORIZON));
      if (some != null) {
        int connection = some.getValue();
        forget(connection);
        wheel.remove(connection);
        wheel.remove(connection); // it is not in: no effect
      }
    }

    private void forget(int connection) {
      waiting.remove(deadlines.remove(connection));
    }

    private void advance(long to) {
      long before = tickOf(origin, now);
      now = to;
      TimerWheelTest.advance(
          wheel,
          now,
          connection -> {
            assertFalse(wheel.contains(connection));
            long deadline = Objects.requireNonNull(deadlines.get(connection));
            if (deadline <= now) {
              forget(connection);
            } else {
              wheel.add(connection, deadline); // was beyond the horizon
            }
          });
      long reached = tickOf(origin, now);
      if (reached > before && !waiting.isEmpty()) {
        long first = waiting.firstKey();
        assertTrue(
            dueTick(origin, first) > reached,
            () -> "not looked at: " + (now - first) + " ns after its time");
      }
    }

    private void check() {
      assertEquals(waiting.size(), wheel.size());
      long until = wheel.untilNext(now);
      if (waiting.isEmpty()) {
        assertEquals(Long.MAX_VALUE, until);
      } else {
        long soonest = Math.max(dueTick(origin, waiting.firstKey()), tickOf(origin, now) + 1);
        assertTrue(until > 0, "until " + until);
        assertTrue(until <= origin + soonest * TICK - now, "too late: " + until);
      }
      List<Integer> shown = new ArrayList<>();
      wheel.forEach(shown::add);
      assertEquals(waiting.size(), shown.size());
      assertEquals(deadlines.keySet(), Set.copyOf(shown));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithASortedMap(long seed) {
    Simulation simulation = new Simulation(seed);
    for (int i = 0; i < 5_000; i++) {
      simulation.step();
    }
  }

  /// Shows everything whose time has come to `look`, which may add it again.
  private static void advance(TimerWheel wheel, long now, IntConsumer look) {
    for (int due; (due = wheel.poll(now)) != TimerWheel.NONE; ) {
      look.accept(due);
    }
  }

  @Test
  void looksNoEarlierThanTheTickOfTheDeadline() {
    TimerWheel wheel = new TimerWheel(0);
    List<Integer> looked = new ArrayList<>();
    int connection = fd();
    wheel.add(connection, 5 * TICK + 1);
    assertEquals(6 * TICK, wheel.untilNext(0));
    advance(wheel, 6 * TICK - 1, looked::add);
    assertEquals(List.of(), looked);
    advance(wheel, 6 * TICK, looked::add);
    assertEquals(List.of(connection), looked);
    assertEquals(0, wheel.size());
  }

  @Test
  void looksAtTheHorizonAtWhatIsBeyond() {
    TimerWheel wheel = new TimerWheel(0);
    int connection = fd();
    long deadline = 10 * HORIZON;
    int looks = 0;
    for (long now = 0; now < deadline; now += wheel.untilNext(now)) {
      assertEquals(1, wheel.size() + (looks == 0 ? 1 : 0));
      if (looks == 0) {
        wheel.add(connection, deadline);
      }
      long at = now;
      advance(wheel, now, c -> wheel.add(c, Math.max(deadline, at)));
      assertTrue(wheel.untilNext(now) <= HORIZON);
      looks++;
    }
    assertEquals(10, looks);
  }

  @Test
  void looksAtEverythingOnceAfterALongAbsence() {
    TimerWheel wheel = new TimerWheel(0);
    for (int i = 0; i < 3000; i++) {
      wheel.add(fd(), i * TICK);
    }
    List<Integer> looked = new ArrayList<>();
    advance(wheel, 1_000_000 * TICK, looked::add);
    assertEquals(3000, looked.size());
    assertEquals(3000, Set.copyOf(looked).size());
    int late = fd();
    wheel.add(late, 1_000_001 * TICK);
    assertEquals(TICK, wheel.untilNext(1_000_000 * TICK));
  }

  @Test
  void standsStillWhileTimeDoes() {
    TimerWheel wheel = new TimerWheel(0);
    advance(wheel, 10 * TICK, _ -> {});
    wheel.add(fd(), 11 * TICK);
    List<Integer> looked = new ArrayList<>();
    advance(wheel, 10 * TICK, looked::add);
    advance(wheel, 9 * TICK, looked::add); // nanoTime never goes back; if it did, nothing happens
    assertEquals(List.of(), looked);
    assertEquals(TICK, wheel.untilNext(10 * TICK));
  }

  @Test
  void showsTheSoonestFirstAndStops() {
    TimerWheel wheel = new TimerWheel(0);
    List<Integer> sorted = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      sorted.add(fd());
    }
    for (int i = 9; i >= 0; i--) {
      wheel.add(sorted.get(i), (i + 1) * (50 * TICK));
    }
    List<Integer> shown = new ArrayList<>();
    wheel.forEach(connection -> {
      shown.add(connection);
      wheel.remove(connection);
      return shown.size() < 4;
    });
    assertEquals(sorted.subList(0, 4), shown);
    assertEquals(6, wheel.size());
  }
}
