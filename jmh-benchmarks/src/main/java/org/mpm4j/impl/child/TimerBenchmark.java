package org.mpm4j.impl.child;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the timeouts of 10,000 connections cost. The clock is a number that the benchmark moves.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TimerBenchmark {
  private static final int CONNECTIONS = 10_000;

  // so long that none is ever late: a connection has a request every 0.2 s on average
  private static final long KEEP_ALIVE = TimeUnit.SECONDS.toNanos(15);
  private static final long BETWEEN_REQUESTS = TimeUnit.MICROSECONDS.toNanos(20);

  private static final long RECHECK = TimeUnit.SECONDS.toNanos(1); // as Limits.shortest

  private static final long LAST_EXPIRY = TimeUnit.SECONDS.toNanos(5);
  private static final long STEP = TimerWheel.TICK_NANOS;
  private static final long MOST_STEPS = 2 * LAST_EXPIRY / STEP;

  /// What keeps the deadlines.
  public enum Implementation {
    TIMER_WHEEL_LAZY {
      @Override
      DeadlineSet open(long now) {
        return new DeadlineSet.LazyWheel(CONNECTIONS, now);
      }
    },
    DELAY_QUEUE {
      @Override
      DeadlineSet open(long now) {
        return new DeadlineSet.JdkDelayQueue(CONNECTIONS, now, 0);
      }
    },
    DELAY_QUEUE_LAZY {
      @Override
      DeadlineSet open(long now) {
        return new DeadlineSet.JdkDelayQueue(CONNECTIONS, now, RECHECK);
      }
    },
    AGRONA_WHEEL {
      @Override
      DeadlineSet open(long now) {
        return new DeadlineSet.AgronaWheel(CONNECTIONS, now);
      }
    };

    abstract DeadlineSet open(long now);
  }

  @Param Implementation implementation;

  private DeadlineSet deadlines;
  private long now;
  private long random;

  @Setup
  public void open() {
    deadlines = implementation.open(now);
  }

  /// All connections wait.
  @State(Scope.Benchmark)
  public static class AllArmed {
    @Setup
    public void arm(TimerBenchmark benchmark) {
      for (int i = 0; i < CONNECTIONS; i++) {
        benchmark.now += BETWEEN_REQUESTS;
        benchmark.deadlines.arm(i, benchmark.now, benchmark.now + KEEP_ALIVE);
      }
    }
  }

  /// A request of any of the connections was served: it has a new deadline, and the listener looks
  /// whether any is over. What the lazy ones look at again meanwhile is in it.
  @Benchmark
  public void rearm(AllArmed armed) {
    now += BETWEEN_REQUESTS;
    random = random * 6364136223846793005L + 1442695040888963407L; // Knuth's MMIX
    deadlines.move((int) ((random >>> 33) % CONNECTIONS), now + KEEP_ALIVE);
    int expired = deadlines.expire(now);
    if (expired != 0) {
      throw new IllegalStateException(expired + " deadlines were over too early");
    }
  }

  /// A connection gets a deadline, which comes: for 10,000 of them, within five seconds.
  @Benchmark
  @OperationsPerInvocation(CONNECTIONS)
  public void armAndExpire() {
    for (int i = 0; i < CONNECTIONS; i++) {
      deadlines.arm(i, now, now + (i + 1) * (LAST_EXPIRY / CONNECTIONS));
    }
    int expired = 0;
    for (long step = 0; expired < CONNECTIONS; step++) {
      if (step == MOST_STEPS) {
        throw new IllegalStateException(CONNECTIONS - expired + " deadlines are never over");
      }
      now += STEP;
      expired += deadlines.expire(now);
    }
  }
}
