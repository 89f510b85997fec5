package org.mpm4j.impl.child;

import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;

/// The deadlines of connections, which are numbers from 0 on. Confined to one thread; times are
/// nanoseconds.
abstract sealed class DeadlineSet {
  /// Gives a connection, which must have none, a deadline.
  abstract void arm(int connection, long now, long deadline);

  /// Moves the deadline of a connection.
  abstract void move(int connection, long deadline);

  /// Forgets the deadlines that are over. Time never goes back.
  ///
  /// @return how many they were
  abstract int expire(long now);

  /// As [EventListener] keeps them: moving a deadline writes a word, and each connection is looked
  /// at once in a while.
  static final class LazyWheel extends DeadlineSet {
    private final long recheck;
    private final TimerWheel wheel;
    private final long[] deadlines;

    LazyWheel(int count, long now) {
      MpmConfig config = MpmConfig.builder(ProcessModel.EVENT).listen("127.0.0.1:0").build();
      recheck = Limits.of(config).shortest();
      wheel = new TimerWheel(now);
      deadlines = new long[count];
    }

    @Override
    void arm(int connection, long now, long deadline) {
      deadlines[connection] = deadline;
      wheel.add(connection, now + Math.min(deadline - now, recheck));
    }

    @Override
    void move(int connection, long deadline) {
      deadlines[connection] = deadline;
    }

    @Override
    int expire(long now) {
      int expired = 0;
      for (int due; (due = wheel.poll(now)) != TimerWheel.NONE; ) {
        long left = deadlines[due] - now;
        if (left > 0) {
          wheel.add(due, now + Math.min(left, recheck));
        } else {
          expired++;
        }
      }
      return expired;
    }
  }

  /// One entry for each deadline; moving it takes the entry out and puts it in again.
  static final class JdkDelayQueue extends DeadlineSet {
    private final DelayQueue<Entry> queue = new DelayQueue<>();
    private final Entry[] entries;
    private final long recheck;
    private long now;

    /// @param recheck how long after the last look an entry is looked at again, whatever its
    ///   deadline, so that moving it need not touch the queue; 0 to move it in the queue
    JdkDelayQueue(int count, long now, long recheck) {
      this.now = now;
      this.recheck = recheck;
      entries = new Entry[count];
      for (int i = 0; i < count; i++) {
        entries[i] = new Entry();
      }
    }

    private final class Entry implements Delayed {
      long deadline;
      long look;

      @Override
      public long getDelay(TimeUnit unit) {
        return unit.convert(look - now, TimeUnit.NANOSECONDS);
      }

      @Override
      public int compareTo(Delayed other) {
        return Long.signum(look - ((Entry) other).look);
      }
    }

    private void add(Entry entry) {
      entry.look = recheck == 0 ? entry.deadline : Math.min(entry.deadline, now + recheck);
      queue.add(entry);
    }

    @Override
    void arm(int connection, long now, long deadline) {
      this.now = now;
      entries[connection].deadline = deadline;
      add(entries[connection]);
    }

    @Override
    void move(int connection, long deadline) {
      Entry entry = entries[connection];
      if (recheck != 0) {
        entry.deadline = deadline;
        return;
      }
      if (!queue.remove(entry)) {
        throw new IllegalStateException("connection " + connection + " has no deadline");
      }
      entry.deadline = deadline;
      add(entry);
    }

    @Override
    int expire(long now) {
      this.now = now;
      int expired = 0;
      for (Entry due; (due = queue.poll()) != null; ) {
        if (due.deadline - now > 0) {
          add(due);
        } else {
          expired++;
        }
      }
      return expired;
    }
  }

  /// A hashed wheel in which moving a deadline is to cancel a timer and to schedule another.
  static final class AgronaWheel extends DeadlineSet {
    // finer than TimerWheel's: it looks for a free place among all timers of a tick
    private static final long TICK = 1L << 20;
    private static final int TICKS = 8192;

    private final DeadlineTimerWheel wheel;
    private final long[] timers;

    AgronaWheel(int count, long now) {
      wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, now, TICK, TICKS);
      timers = new long[count];
    }

    @Override
    void arm(int connection, long now, long deadline) {
      timers[connection] = wheel.scheduleTimer(deadline);
    }

    @Override
    void move(int connection, long deadline) {
      if (!wheel.cancelTimer(timers[connection])) {
        throw new IllegalStateException("connection " + connection + " has no deadline");
      }
      timers[connection] = wheel.scheduleTimer(deadline);
    }

    @Override
    int expire(long now) {
      int expired = 0;
      do { // it looks at one tick at a time
        expired += wheel.poll(now, (unit, time, timer) -> true, Integer.MAX_VALUE);
      } while (wheel.currentTickTime() <= now);
      return expired;
    }
  }
}
