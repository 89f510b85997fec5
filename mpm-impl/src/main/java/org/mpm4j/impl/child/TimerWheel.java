package org.mpm4j.impl.child;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// When to look at each connection again: a wheel of slots, each the connections of one tick.
/// Confined to the listener.
///
/// A connection is looked at no later than its deadline and perhaps earlier, so that a worker that
/// moves a deadline need not tell the wheel.
final class TimerWheel {
  /*
   * Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 4. A time beyond the
   * horizon goes into the last slot, is looked at there and put off again.
   */

  static final int NONE = -1;

  // httpd's listener allows its timeouts 100 ms of slack as well (TIMEOUT_FUDGE_FACTOR, event.c)
  static final long TICK_NANOS = 100_000_000;
  private static final int SLOTS = 1024;

  private final @Nullable EventConnection[] heads = new @Nullable EventConnection[SLOTS];
  private final long origin;
  private long tick; // every slot up to and including this tick has been looked at
  private int size;

  TimerWheel(long now) {
    origin = now;
  }

  int size() {
    return size;
  }

  /// Has `connection`, which must not be in the wheel, looked at when `deadline` is over.
  void add(EventConnection connection, long deadline) {
    long wanted = (deadline - origin + TICK_NANOS - 1) / TICK_NANOS;
    long at = Math.clamp(wanted, tick + 1, tick + SLOTS - 1);
    int slot = (int) (at % SLOTS);
    EventConnection head = heads[slot];
    connection.timerSlot = slot;
    connection.nextTimer = head;
    if (head != null) {
      head.previousTimer = connection;
    }
    heads[slot] = connection;
    size++;
  }

  /// Takes `connection` out, if it is in.
  void remove(EventConnection connection) {
    int slot = connection.timerSlot;
    if (slot == NONE) {
      return;
    }
    EventConnection previous = connection.previousTimer;
    EventConnection next = connection.nextTimer;
    if (previous == null) {
      heads[slot] = next;
    } else {
      previous.nextTimer = next;
    }
    if (next != null) {
      next.previousTimer = previous;
    }
    connection.previousTimer = null;
    connection.nextTimer = null;
    connection.timerSlot = NONE;
    size--;
  }

  /// Takes out a connection whose time has come. It may be added again before the next call.
  ///
  /// @return null if there is none
  @Nullable EventConnection poll(long now) {
    long target = (now - origin) / TICK_NANOS;
    if (target - tick > SLOTS) {
      tick = target - SLOTS; // the thread was away for longer than the wheel turns
    }
    while (true) {
      EventConnection due = heads[(int) (tick % SLOTS)];
      if (due != null) {
        remove(due);
        return due;
      } else if (tick >= target) {
        return null;
      }
      tick++;
    }
  }

  /// Nanoseconds from `now` to the next time that a connection must be looked at; 0 if it has come,
  /// [Long#MAX_VALUE] if there is none.
  long untilNext(long now) {
    if (size == 0) {
      return Long.MAX_VALUE;
    }
    for (long t = tick + 1; ; t++) {
      if (heads[(int) (t % SLOTS)] != null) {
        return Math.max(0, origin + t * TICK_NANOS - now);
      }
    }
  }

  /// Shows every connection to `look`, the ones to be looked at soonest first. `look` says whether
  /// to go on; it may take out or add the connection that it is shown, and no other.
  void forEach(Predicate<EventConnection> look) {
    for (long t = tick + 1; t <= tick + SLOTS; t++) {
      EventConnection c = heads[(int) (t % SLOTS)];
      while (c != null) {
        EventConnection following = c.nextTimer;
        if (!look.test(c)) {
          return;
        }
        c = following;
      }
    }
  }
}
