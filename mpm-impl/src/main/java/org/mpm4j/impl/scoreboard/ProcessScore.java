package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.ACCEPTING_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CONNECTIONS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.GENERATION_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.HEARTBEAT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PID_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.STATE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.THREADS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.THREADS_USED_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WORKERS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WORKER_SIZE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The record of one process slot. Every access is volatile; any process may read.
public final class ProcessScore {
  private final MemorySegment memory;
  private final long offset;
  private final long workersOffset;
  private final int mostThreads;

  /// @param workersOffset where the records of its threads begin
  /// @param mostThreads how many of them there are
  ProcessScore(MemorySegment memory, int slot, long workersOffset, int mostThreads) {
    this.memory = memory;
    this.offset = ScoreboardLayout.processOffset(slot);
    this.workersOffset = workersOffset;
    this.mostThreads = mostThreads;
  }

  // ---- written by the supervisor ----

  /// Gives the slot to a new process: forgets what the last one left, its threads' records
  /// included, and says `STARTING` last. Before the process may touch the scoreboard.
  public void assign(int pid, int generation) {
    memory.asSlice(workersOffset, get(THREADS_USED_OFFSET) * WORKER_SIZE).fill((byte) 0);
    set(THREADS_USED_OFFSET, 0);
    set(THREADS_OFFSET, 0);
    set(ACCEPTING_OFFSET, 0);
    set(CONNECTIONS_OFFSET, 0);
    LONG.setVolatile(memory, offset + HEARTBEAT_OFFSET, 0L);
    set(PID_OFFSET, pid);
    set(GENERATION_OFFSET, generation);
    state(ProcessState.STARTING);
  }

  /// Says how many workers (`ThreadsPerChild`) the process may have by its configuration. Before
  /// [#assign], so that whoever sees `STARTING` sees it.
  public void workers(int count) {
    set(WORKERS_OFFSET, count);
  }

  /// How many workers the process may have by its configuration.
  public int workers() {
    return get(WORKERS_OFFSET);
  }

  /// Says how far the process is.
  public void state(ProcessState state) {
    set(STATE_OFFSET, state.code);
  }

  /// The process that has the slot; the last one if it is `FREE`.
  public int pid() {
    return get(PID_OFFSET);
  }

  /// The generation of the configuration that the process serves.
  public int generation() {
    return get(GENERATION_OFFSET);
  }

  /// How far the process is.
  public ProcessState state() {
    return ProcessState.of(get(STATE_OFFSET));
  }

  // ---- written by the child ----

  /// Says whether the child would take a connection now.
  public void accepting(boolean accepting) {
    set(ACCEPTING_OFFSET, accepting ? 1 : 0);
  }

  /// Says that the child has so many connections more; any of its threads.
  public void addConnections(int count) {
    var _ = (int) INT.getAndAdd(memory, offset + CONNECTIONS_OFFSET, count);
  }

  /// Says that the child is alive.
  ///
  /// @param now as [System#nanoTime()] says
  public void heartbeat(long now) {
    LONG.setVolatile(memory, offset + HEARTBEAT_OFFSET, now);
  }

  /// Says that a worker thread is there, which has the record `thread`. One caller at a time.
  public void threadStarted(int thread) {
    set(THREADS_USED_OFFSET, Math.max(get(THREADS_USED_OFFSET), thread + 1));
    set(THREADS_OFFSET, threads() + 1);
  }

  /// Says that a worker thread is no more. One caller at a time, also beside [#threadStarted].
  public void threadEnded() {
    set(THREADS_OFFSET, threads() - 1);
  }

  /// When the child last said that it is alive, as [System#nanoTime()] said (on Linux the same
  /// clock in all processes); 0 if it never did.
  public long heartbeat() {
    return (long) LONG.getVolatile(memory, offset + HEARTBEAT_OFFSET);
  }

  /// How many worker threads there are now. Event has one more than it has workers, which listens.
  public int threads() {
    return get(THREADS_OFFSET);
  }

  /// The record of a worker thread.
  ///
  /// @param thread 0 to `threadsPerSlot`, inclusive
  public WorkerScore worker(int thread) {
    return new WorkerScore(
        memory, workersOffset + Objects.checkIndex(thread, mostThreads) * WORKER_SIZE);
  }

  /// How many worker threads are busy now. Reads their records one by one.
  public int busyWorkers() {
    int busy = 0;
    for (int thread = 0, used = get(THREADS_USED_OFFSET); thread < used; thread++) {
      if (worker(thread).status().busy()) {
        busy++;
      }
    }
    return busy;
  }

  /// Whether the child would take a connection now.
  public boolean accepting() {
    return get(ACCEPTING_OFFSET) != 0;
  }

  /// How many connections the child has.
  public int connections() {
    return get(CONNECTIONS_OFFSET);
  }

  private void set(long word, int value) {
    INT.setVolatile(memory, offset + word, value);
  }

  private int get(long word) {
    return (int) INT.getVolatile(memory, offset + word);
  }
}
