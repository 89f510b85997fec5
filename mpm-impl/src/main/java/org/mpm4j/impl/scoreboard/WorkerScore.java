package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.ACCESSES_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EXCHANGE_START_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.STATUS_OFFSET;

import java.lang.foreign.MemorySegment;
import org.mpm4j.WorkerStatus;

/// The record of one worker thread. That thread alone writes, any process may read.
///
/// Writes are opaque: they cost a plain store, become visible soon, and are not ordered. A reader
/// that combines words may mix two exchanges.
public final class WorkerScore {
  private final MemorySegment memory;
  private final long offset;

  WorkerScore(MemorySegment memory, long offset) {
    this.memory = memory;
    this.offset = offset;
  }

  /// Says what the thread does.
  public void status(WorkerStatus status) {
    INT.setOpaque(memory, offset + STATUS_OFFSET, code(status));
  }

  /// What the thread does.
  public WorkerStatus status() {
    return status((int) INT.getOpaque(memory, offset + STATUS_OFFSET));
  }

  /// Says that an exchange begins.
  ///
  /// @param now as [System#nanoTime()] says
  public void exchangeStart(long now) {
    LONG.setOpaque(memory, offset + EXCHANGE_START_OFFSET, now);
  }

  /// When the last exchange began, as [System#nanoTime()] said; of use while the thread is busy. On
  /// Linux that is `CLOCK_MONOTONIC`, which all processes share, so it compares with the reader's.
  public long exchangeStart() {
    return (long) LONG.getOpaque(memory, offset + EXCHANGE_START_OFFSET);
  }

  /// Counts an exchange.
  public void countAccess() {
    LONG.setOpaque(memory, offset + ACCESSES_OFFSET, accesses() + 1);
  }

  /// How many exchanges the thread has completed.
  public long accesses() {
    return (long) LONG.getOpaque(memory, offset + ACCESSES_OFFSET);
  }

  /// What the status word says; 0 is what a new file says.
  private static int code(WorkerStatus status) {
    return switch (status) {
      case DEAD -> 0;
      case STARTING -> 1;
      case READY -> 2;
      case BUSY_READ -> 3;
      case BUSY_WRITE -> 4;
      case BUSY_KEEPALIVE -> 5;
      case CLOSING -> 6;
      case GRACEFUL -> 7;
    };
  }

  private static WorkerStatus status(int code) {
    return switch (code) {
      case 0 -> WorkerStatus.DEAD;
      case 1 -> WorkerStatus.STARTING;
      case 2 -> WorkerStatus.READY;
      case 3 -> WorkerStatus.BUSY_READ;
      case 4 -> WorkerStatus.BUSY_WRITE;
      case 5 -> WorkerStatus.BUSY_KEEPALIVE;
      case 6 -> WorkerStatus.CLOSING;
      case 7 -> WorkerStatus.GRACEFUL;
      default -> throw new IllegalArgumentException("no worker status: " + code);
    };
  }
}
