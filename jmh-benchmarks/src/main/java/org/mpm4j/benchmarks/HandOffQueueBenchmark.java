package org.mpm4j.benchmarks;

import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
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
import org.openjdk.jmh.infra.Control;

/// What one hand-off from the listener to a worker costs, on a lock-free queue for one producer and
/// on the blocking queue that one would take from the JDK. `-tg 1,4` lets four consumers compete.
///
/// Neither side blocks: a producer that finds the queue full and a consumer that finds it empty
/// spin until that changes or the iteration ends, so an operation is one message that got through.
@State(Scope.Group)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class HandOffQueueBenchmark {
  private static final int CAPACITY = 1024;
  private static final Object MESSAGE = new Object();

  /// The queue under test.
  public enum Implementation {
    SPMC_ARRAY {
      @Override
      Queue<Object> create() {
        return new SpmcVarHandleArrayQueue<>(CAPACITY);
      }
    },
    LINKED_BLOCKING {
      @Override
      Queue<Object> create() {
        return new LinkedBlockingQueue<>(CAPACITY);
      }
    };

    abstract Queue<Object> create();
  }

  @Param Implementation implementation;

  private Queue<Object> queue;

  @Setup(Level.Trial)
  public void createQueue() {
    queue = implementation.create();
  }

  /// Lets each iteration start from an empty queue.
  @TearDown(Level.Iteration)
  public void drain() {
    queue.clear();
  }

  @Benchmark
  @Group("handOff")
  @GroupThreads(1)
  public boolean offer(Control control) {
    while (!queue.offer(MESSAGE)) {
      if (control.stopMeasurement) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  @Benchmark
  @Group("handOff")
  @GroupThreads(1)
  public Object poll(Control control) {
    Object message = queue.poll();
    while (message == null) {
      if (control.stopMeasurement) {
        return MESSAGE;
      }
      Thread.onSpinWait();
      message = queue.poll();
    }
    return message;
  }
}
