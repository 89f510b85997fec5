package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.ACCEPTING_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CONNECTIONS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.GENERATION_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PID_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.STATE_OFFSET;

import java.lang.foreign.MemorySegment;

/// The record of one process slot. Every access is volatile; any process may read.
public final class ProcessScore {
  private final MemorySegment memory;
  private final long offset;

  ProcessScore(MemorySegment memory, int slot) {
    this.memory = memory;
    this.offset = ScoreboardLayout.processOffset(slot);
  }

  // ---- written by the supervisor ----

  /// Gives the slot to a new process: forgets what the last one left, and says `STARTING` last.
  public void assign(int pid, int generation) {
    set(ACCEPTING_OFFSET, 0);
    set(CONNECTIONS_OFFSET, 0);
    set(PID_OFFSET, pid);
    set(GENERATION_OFFSET, generation);
    state(ProcessState.STARTING);
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
