package org.mpm4j.impl.child;

import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How long it takes from "these are ready" until workers have run them.
///
/// One operation wakes the thread that waits in epoll, which finds `items` that are ready; it ends
/// when the last of them has run and the thread that measures was unparked. The two wake-ups at the
/// ends are the same in all designs: what a hand-off costs is the difference to `NONE`, in which
/// the listener runs the items itself. An item does nothing but count.
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
    LEADER_FOLLOWERS {
      @Override
      HandOff open(Runnable item, int most) {
        return new LeaderFollowers(WORKERS, most, item);
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

  private final AtomicInteger left = new AtomicInteger();
  private HandOff handOff;
  private volatile Thread waiter;

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
    if (left.decrementAndGet() == 0) {
      LockSupport.unpark(waiter);
    }
  }

  @Benchmark
  public void run() {
    waiter = Thread.currentThread();
    left.set(items);
    handOff.post(items);
    while (left.get() > 0) {
      LockSupport.park(this);
    }
  }
}
