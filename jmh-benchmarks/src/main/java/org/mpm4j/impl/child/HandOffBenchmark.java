package org.mpm4j.impl.child;

import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How long it takes from "these are ready" until workers run them.
///
/// One operation wakes the thread that waits in epoll, which finds `items` that are ready; it ends
/// when the last of them has run and the thread that measures was unparked. `readyToFirstMicros`
/// and `readyToLastMicros` leave these two wake-ups out: they begin when the listener has found the
/// items and end when the first and the last of them run. An item does nothing but count.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class HandOffBenchmark {
  private static final int WORKERS = 8;

  /// Who runs what is ready.
  public enum Design {
    NONE {
      @Override
      HandOff open(Runnable item, int most) {
        return ListenerAndPool.none(item);
      }
    },
    /// The event engine while exchanges are quick.
    LEADER_KEEPS_ROLE {
      @Override
      HandOff open(Runnable item, int most) {
        return new LeaderFollowers(WORKERS, most, true, item);
      }
    },
    /// The event engine while they are not.
    LEADER_FOLLOWERS {
      @Override
      HandOff open(Runnable item, int most) {
        return new LeaderFollowers(WORKERS, most, false, item);
      }
    },
    LINKED_BLOCKING_QUEUE {
      @Override
      HandOff open(Runnable item, int most) {
        return ListenerAndPool.blocking(item, WORKERS, new LinkedBlockingQueue<>());
      }
    },
    CONCURRENT_LINKED_QUEUE_PARK {
      @Override
      HandOff open(Runnable item, int most) {
        return ListenerAndPool.parking(item, WORKERS);
      }
    },
    LINKED_TRANSFER_QUEUE {
      @Override
      HandOff open(Runnable item, int most) {
        return ListenerAndPool.blocking(item, WORKERS, new LinkedTransferQueue<>());
      }
    },
    FORK_JOIN_POOL {
      @Override
      HandOff open(Runnable item, int most) {
        return ListenerAndPool.executor(
            item,
            new ForkJoinPool(WORKERS, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true));
      }
    },
    /// A virtual thread for each item, on as many carriers as there are processors.
    VIRTUAL_THREADS {
      @Override
      HandOff open(Runnable item, int most) {
        return ListenerAndPool.executor(item, Executors.newVirtualThreadPerTaskExecutor());
      }
    };

    abstract HandOff open(Runnable item, int most);
  }

  @Param Design design;

  @Param({"1", "16"})
  int items;

  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();
  private HandOff handOff;
  private volatile Thread waiter;

  // written by the workers that run the first and the last item, before they count it
  private long firstAt;
  private long lastAt;

  @Setup
  public void open() {
    waiter = Thread.currentThread();
    handOff = design.open(this::ran, items);
  }

  @TearDown
  public void close() throws InterruptedException {
    handOff.end();
  }

  private void ran() {
    long now = System.nanoTime();
    int before = started.getAndIncrement();
    if (before == 0) {
      firstAt = now;
    }
    if (before == items - 1) {
      lastAt = now;
    }
    if (left.decrementAndGet() == 0) {
      LockSupport.unpark(waiter);
    }
  }

  /// Means of the times within the operations of an iteration.
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Within {
    private long operations;
    private long toFirst;
    private long toLast;

    @Setup(Level.Iteration)
    public void reset() {
      operations = 0;
      toFirst = 0;
      toLast = 0;
    }

    public double readyToFirstMicros() {
      return toFirst / 1e3 / operations;
    }

    public double readyToLastMicros() {
      return toLast / 1e3 / operations;
    }
  }

  @Benchmark
  public void run(Within within) {
    waiter = Thread.currentThread();
    started.set(0);
    left.set(items);
    handOff.post(items);
    while (left.get() > 0) {
      LockSupport.park(this);
    }
    within.operations++;
    within.toFirst += firstAt - handOff.readyAt();
    within.toLast += lastAt - handOff.readyAt();
  }
}
