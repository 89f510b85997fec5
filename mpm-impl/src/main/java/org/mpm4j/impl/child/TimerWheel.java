package org.mpm4j.impl.child;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// When to look at each connection again: a wheel of slots, each the connections of one tick. A
/// connection is its descriptor here. Confined to the listener.
///
/// A connection is looked at no later than its deadline and perhaps earlier, so that a worker that
/// moves a deadline need not tell the wheel.
final class TimerWheel {
  /*
   * Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 4. A time beyond the
   * horizon goes into the last slot, is looked at there and put off again. The slots are doubly linked
   * lists; their links stand in arrays, not in the connections, which would be larger by them.
   */

  /// Instead of a descriptor.
  static final int NONE = -1;

  // httpd's listener allows its timeouts 100 ms of slack as well (TIMEOUT_FUDGE_FACTOR, event.c)
  static final long TICK_NANOS = 100_000_000;
  private static final int SLOTS = 1024;

  private final long origin;
  private long tick; // every slot up to and including this tick has been looked at
  private int size;

  // by slot: its first descriptor
  private final int[] heads = filled(SLOTS);

  // by descriptor: its neighbours in its slot, and the slot
  private int[] next = filled(256);
  private int[] previous = filled(256);
  private short[] slots = new short[256]; // its number and one; 0 if it is in none

  TimerWheel(long now) {
    origin = now;
  }

  private static int[] filled(int length) {
    int[] links = new int[length];
    Arrays.fill(links, NONE);
    return links;
  }

  int size() {
    return size;
  }

  /// Whether `fd` is in the wheel.
  boolean contains(int fd) {
    return fd < slots.length && slots[fd] != 0;
  }

  /// Has `fd`, which must not be in the wheel, looked at when `deadline` is over.
  void add(int fd, long deadline) {
    if (fd >= slots.length) {
      grow(Math.max(fd + 1, slots.length * 2));
    }
    long wanted = (deadline - origin + TICK_NANOS - 1) / TICK_NANOS;
    long at = Math.clamp(wanted, tick + 1, tick + SLOTS - 1);
    int slot = (int) (at % SLOTS);
    int head = heads[slot];
    slots[fd] = (short) (slot + 1);
    next[fd] = head;
    previous[fd] = NONE;
    if (head != NONE) {
      previous[head] = fd;
    }
    heads[slot] = fd;
    size++;
  }

  private void grow(int length) {
    next = Arrays.copyOf(next, length);
    previous = Arrays.copyOf(previous, length);
    slots = Arrays.copyOf(slots, length);
  }

  /// Takes `fd` out, if it is in.
  void remove(int fd) {
    if (!contains(fd)) {
      return;
    }
    int before = previous[fd];
    int after = next[fd];
    if (before == NONE) {
      heads[slots[fd] - 1] = after;
    } else {
      next[before] = after;
    }
    if (after != NONE) {
      previous[after] = before;
    }
    slots[fd] = 0;
    size--;
  }

  /// Takes out a descriptor whose time has come. It may be added again before the next call.
  ///
  /// @return [#NONE] if there is none
  int poll(long now) {
    long target = (now - origin) / TICK_NANOS;
    if (target - tick > SLOTS) {
      tick = target - SLOTS; // the thread was away for longer than the wheel turns
    }
    while (true) {
      int due = heads[(int) (tick % SLOTS)];
      if (due != NONE) {
        remove(due);
        return due;
      } else if (tick >= target) {
        return NONE;
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
      if (heads[(int) (t % SLOTS)] != NONE) {
        return Math.max(0, origin + t * TICK_NANOS - now);
      }
    }
  }

  /// Shows every descriptor to `look`, the ones to be looked at soonest first. `look` says whether
  /// to go on; it may take out or add the one that it is shown, and no other.
  void forEach(IntPredicate look) {
    for (long t = tick + 1; t <= tick + SLOTS; t++) {
      int fd = heads[(int) (t % SLOTS)];
      while (fd != NONE) {
        int following = next[fd];
        if (!look.test(fd)) {
          return;
        }
        fd = following;
      }
    }
  }
}
