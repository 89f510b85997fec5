package org.mpm4j.impl.scoreboard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Counters;
import org.mpm4j.MpmStatus.Worker;
import org.mpm4j.ProcessModel;
import org.mpm4j.WorkerStatus;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What the scoreboard costs: an exchange that is told to it, a look at all of it, and a look at
/// one worker while that worker writes.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ScoreboardBenchmark {
  private static final int CHILDREN = 16;
  private static final int THREADS = 25;
  private static final byte[] CLIENT = "192.0.2.1:40000".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REQUEST = "GET /hello HTTP/1.1".getBytes(StandardCharsets.US_ASCII);

  private Path file;
  private Scoreboard scoreboard;
  private ProcessScore process;
  private WorkerScore worker;
  private long now;

  /// As many workers as httpd has by default.
  @Setup
  public void create() throws IOException {
    file = Files.createTempFile("scoreboard", null);
    scoreboard = Scoreboard.create(file, ProcessModel.EVENT, CHILDREN, THREADS, 1);
    scoreboard.slotsInUse(CHILDREN);
    for (int slot = 0; slot < CHILDREN; slot++) {
      scoreboard.process(slot).assign(slot + 1, 0, THREADS, System.nanoTime());
      for (int thread = 0; thread < THREADS; thread++) {
        scoreboard.process(slot).threadStarted(thread);
        WorkerScore score = scoreboard.worker(slot, thread);
        score.begin(System.nanoTime(), CLIENT);
        score.request(REQUEST, REQUEST.length);
      }
    }
    process = scoreboard.process(0);
    worker = scoreboard.worker(0, 0);
  }

  @TearDown
  public void delete() throws IOException {
    scoreboard.close();
    Files.delete(file);
  }

  /// All that a worker writes for one exchange.
  @Benchmark
  public void exchange() {
    now += 1000;
    worker.begin(now, CLIENT);
    worker.status(WorkerStatus.BUSY_WRITE);
    worker.request(REQUEST, REQUEST.length);
    worker.countAccess(true);
    worker.end(now, 1000, 100);
    worker.status(WorkerStatus.READY);
  }

  /// What event adds to that: a connection is parked, and taken back. Two atomic additions to words
  /// that all threads of the child share.
  @Benchmark
  public void parkAndTakeBack() {
    process.addParked(Parked.KEEP_ALIVE, 1);
    process.addParked(Parked.KEEP_ALIVE, -1);
  }

  /// A status of 400 workers.
  @Benchmark
  public MpmStatus scan() {
    return scoreboard.status();
  }

  /// What belongs together in the record of one worker, which does not write.
  @Benchmark
  public Worker read() {
    return worker.read(WorkerStatus.BUSY_WRITE, Counters.NONE, now);
  }

  /// The same, while the worker does nothing but write: the reader begins again when it was
  /// disturbed.
  @Benchmark
  @Group("readUnderWrites")
  @GroupThreads(1)
  public Worker reader() {
    return worker.read(WorkerStatus.BUSY_WRITE, Counters.NONE, now);
  }

  @Benchmark
  @Group("readUnderWrites")
  @GroupThreads(1)
  public void writer() {
    worker.begin(now, CLIENT);
    worker.request(REQUEST, REQUEST.length);
  }
}
