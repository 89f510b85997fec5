package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.ACCEPTING_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CONNECTIONS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EXIT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EXIT_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.FORMER_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.GENERATION_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.HEARTBEAT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PARKED_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PID_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PROCESS_SEQUENCE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RESIDENT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.STARTED_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.STATE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.THREADS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.THREADS_USED_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WHY_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WHY_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WORKERS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WORKER_SIZE;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus.Child;
import org.mpm4j.MpmStatus.Connections;
import org.mpm4j.MpmStatus.Counters;
import org.mpm4j.MpmStatus.Ended;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.MpmStatus.Worker;
import org.mpm4j.WorkerStatus;

/// The record of one process slot. Every access is volatile; any process may read.
public final class ProcessScore {
  /*
   * Ownership: the supervisor writes its lines, under a sequence lock, and the child the rest. A slot is
   * given away only after its last process was reaped, when no thread of it exists any more; so nothing
   * that a process writes can come late and hit its successor's record. In turn a child refuses a slot
   * that does not bear its own pid and generation.
   *
   * Counters: those of a process are in its workers' records. When it was reaped they are added to those
   * of the slot's former processes and zeroed, under the sequence lock: a reader finds them in one place
   * or in the other. Their sum never goes down, so the sum over all slots does not either, in whatever
   * order they are read.
   */

  private final MemorySegment memory;
  private final int slot;
  private final long offset;
  private final long workersOffset;
  private final int mostThreads;

  /// What a reader finds in a slot.
  ///
  /// @param child empty if it has no process
  /// @param ended how the last process ended, if it has none now and ever had one
  /// @param counters of all processes that have had the slot
  record Seen(Optional<Child> child, Optional<Ended> ended, Counters counters) {}

  /// @param workersOffset where the records of its threads begin
  /// @param mostThreads how many of them there are
  ProcessScore(MemorySegment memory, int slot, long workersOffset, int mostThreads) {
    this.memory = memory;
    this.slot = slot;
    this.offset = ScoreboardLayout.processOffset(slot);
    this.workersOffset = workersOffset;
    this.mostThreads = mostThreads;
  }

  // ---- written by the supervisor ----

  /// Gives a free slot to a new process, and says `STARTING` last. Before the process may touch the
  /// scoreboard.
  ///
  /// @param workers how many it may have by its configuration (`ThreadsPerChild`)
  /// @param now as [System#nanoTime()] says
  public void assign(int pid, int generation, int workers, long now) {
    beginChange();
    set(PID_OFFSET, pid);
    set(GENERATION_OFFSET, generation);
    set(WORKERS_OFFSET, workers);
    LONG.setVolatile(memory, offset + STARTED_OFFSET, now);
    LONG.setVolatile(memory, offset + RESIDENT_OFFSET, 0L);
    Text.write(memory, offset + WHY_OFFSET, WHY_SIZE, "");
    set(STATE_OFFSET, ProcessState.STARTING.code);
    endChange();
  }

  /// Says how far the process is.
  ///
  /// @param why the reason, or empty; as much as there is room for is kept
  public void state(ProcessState state, String why) {
    beginChange();
    Text.write(memory, offset + WHY_OFFSET, WHY_SIZE, why);
    set(STATE_OFFSET, state.code);
    endChange();
  }

  /// Says how large the process is.
  public void residentBytes(long bytes) {
    beginChange();
    LONG.setVolatile(memory, offset + RESIDENT_OFFSET, bytes);
    endChange();
  }

  /// Takes the slot back: keeps what the process has counted, and forgets the rest. Only after the
  /// process was reaped.
  ///
  /// @param exit how it ended; as much as there is room for is kept
  public void free(String exit) {
    beginChange();
    int used = get(THREADS_USED_OFFSET);
    for (int thread = 0; thread < used; thread++) {
      worker(thread).addCountersTo(offset + FORMER_OFFSET);
    }
    memory.asSlice(workersOffset, used * WORKER_SIZE).fill((byte) 0);
    memory
        .asSlice(offset + ACCEPTING_OFFSET, ScoreboardLayout.PROCESS_SIZE - ACCEPTING_OFFSET)
        .fill((byte) 0);
    Text.write(memory, offset + EXIT_OFFSET, EXIT_SIZE, exit);
    set(STATE_OFFSET, ProcessState.FREE.code);
    endChange();
  }

  private void beginChange() {
    SequenceLock.begin(memory, offset + PROCESS_SEQUENCE_OFFSET);
  }

  private void endChange() {
    SequenceLock.end(memory, offset + PROCESS_SEQUENCE_OFFSET);
  }

  /// How many workers the process may have by its configuration.
  public int workers() {
    return get(WORKERS_OFFSET);
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

  /// Says that so many connections more are parked so; any of its threads.
  public void addParked(Parked how, int count) {
    var _ =
        (int)
            INT.getAndAdd(memory, offset + PARKED_OFFSET + how.index * (long) Integer.BYTES, count);
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

  /// How many connections are parked so, of those that no worker keeps.
  public int parked(Parked how) {
    return get(PARKED_OFFSET + how.index * (long) Integer.BYTES);
  }

  /// Everything about the slot, never torn. A supervisor that was killed while it wrote leaves what
  /// it had written.
  ///
  /// @param now as [System#nanoTime()] says
  Seen read(long now) {
    return SequenceLock.read(
        memory, offset + PROCESS_SEQUENCE_OFFSET, () -> look(now), () -> look(now));
  }

  private Seen look(long now) {
    Counters former = CounterWords.read(memory, offset + FORMER_OFFSET);
    ProcessState state = state();
    if (state == ProcessState.FREE) {
      String how = Text.read(memory, offset + EXIT_OFFSET, EXIT_SIZE);
      Ended ended = new Ended(new ChildId(slot, pid(), generation()), how);
      return new Seen(
          Optional.empty(), how.isEmpty() ? Optional.empty() : Optional.of(ended), former);
    }
    List<Worker> threads = new ArrayList<>();
    int[] parked = new int[Parked.values().length];
    for (Parked how : Parked.values()) {
      parked[how.index] = parked(how);
    }
    Counters counters = Counters.NONE;
    int busy = 0;
    for (int thread = 0, used = get(THREADS_USED_OFFSET); thread < used; thread++) {
      WorkerScore score = worker(thread);
      WorkerStatus status = score.status();
      Counters own = score.counters();
      counters = counters.plus(own);
      threads.add(score.read(status, own, now));
      busy += status.busy() ? 1 : 0;
      int keeps = score.parked();
      if (keeps > 0) {
        parked[keeps - 1]++;
      }
    }
    Connections connections = connections(parked);
    Child child =
        new Child(
            new ChildId(slot, pid(), generation()),
            status(state),
            Text.read(memory, offset + WHY_OFFSET, WHY_SIZE),
            Duration.ofNanos(
                Math.max(0, now - (long) LONG.getVolatile(memory, offset + STARTED_OFFSET))),
            connections.sum(),
            busy,
            workers(),
            (long) LONG.getVolatile(memory, offset + RESIDENT_OFFSET),
            connections,
            counters,
            threads);
    return new Seen(Optional.of(child), Optional.empty(), former.plus(counters));
  }

  /// The words are read one after the other, so there may be more parked than there were at first.
  private Connections connections(int[] parked) {
    int sum = 0;
    for (int i = 0; i < parked.length; i++) {
      parked[i] = Math.max(0, parked[i]);
      sum += parked[i];
    }
    return new Connections(
        Math.max(0, connections() - sum), parked[0], parked[1], parked[2], parked[3], parked[4]);
  }

  private static State status(ProcessState state) {
    return switch (state) {
      case STARTING -> State.STARTING;
      case READY -> State.READY;
      case RETIRING -> State.RETIRING;
      case DRAINING -> State.DRAINING;
      case FREE -> throw new IllegalArgumentException("no process");
    };
  }

  private void set(long word, int value) {
    INT.setVolatile(memory, offset + word, value);
  }

  private int get(long word) {
    return (int) INT.getVolatile(memory, offset + word);
  }
}
