package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CLIENT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CLIENT_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.COUNTERS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.REQUEST_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.REQUEST_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.SINCE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.STATUS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.WORKER_SEQUENCE_OFFSET;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.mpm4j.MpmStatus.Counters;
import org.mpm4j.MpmStatus.Worker;
import org.mpm4j.WorkerStatus;

/// The record of one worker thread. That thread alone writes, any process may read.
///
/// Writes of single words are opaque: they cost a plain store, become visible soon, and are not
/// ordered among each other. Client, request and the beginning of an exchange belong together: they
/// are under a [SequenceLock].
public final class WorkerScore {
  /// So many bytes of a request are kept.
  public static final int REQUEST_ROOM = Text.room(REQUEST_SIZE);

  private static final int STATUS_BITS = 8;

  // in place of a text's length
  private static final int IPV4 = -1;

  private final MemorySegment memory;
  private final long offset;

  WorkerScore(MemorySegment memory, long offset) {
    this.memory = memory;
    this.offset = offset;
  }

  // ---- written by the thread ----

  /// Says what the thread does, and that it does not wait for a connection that it keeps.
  public void status(WorkerStatus status) {
    INT.setOpaque(memory, offset + STATUS_OFFSET, code(status));
  }

  /// Says what the thread does, and how the connection that it keeps meanwhile is parked.
  public void status(WorkerStatus status, Parked connection) {
    INT.setOpaque(
        memory, offset + STATUS_OFFSET, code(status) + ((connection.index + 1) << STATUS_BITS));
  }

  /// Says that an exchange begins, or goes on; its request is not known yet.
  ///
  /// @param now as [System#nanoTime()] says
  /// @param client printable ASCII; as much as there is room for is kept
  public void begin(long now, byte[] client) {
    SequenceLock.begin(memory, offset + WORKER_SEQUENCE_OFFSET);
    LONG.setOpaque(memory, offset + SINCE_OFFSET, now);
    Text.write(memory, offset + CLIENT_OFFSET, CLIENT_SIZE, client, client.length);
    INT.set(memory, offset + REQUEST_OFFSET, 0);
    SequenceLock.end(memory, offset + WORKER_SEQUENCE_OFFSET);
  }

  /// The same, for a client with an IPv4 address: whoever reads makes it a text.
  public void begin(long now, int address, int port) {
    SequenceLock.begin(memory, offset + WORKER_SEQUENCE_OFFSET);
    LONG.setOpaque(memory, offset + SINCE_OFFSET, now);
    INT.set(memory, offset + CLIENT_OFFSET, IPV4);
    INT.set(memory, offset + CLIENT_OFFSET + Integer.BYTES, address);
    INT.set(memory, offset + CLIENT_OFFSET + 2 * Integer.BYTES, port);
    INT.set(memory, offset + REQUEST_OFFSET, 0);
    SequenceLock.end(memory, offset + WORKER_SEQUENCE_OFFSET);
  }

  /// Says what the exchange is about.
  ///
  /// @param text printable ASCII; as much as there is room for is kept
  public void request(byte[] text, int length) {
    SequenceLock.begin(memory, offset + WORKER_SEQUENCE_OFFSET);
    Text.write(memory, offset + REQUEST_OFFSET, REQUEST_SIZE, text, length);
    SequenceLock.end(memory, offset + WORKER_SEQUENCE_OFFSET);
  }

  /// Counts an exchange.
  ///
  /// @param reused whether it was not the first of its connection
  public void countAccess(boolean reused) {
    count(CounterWords.ACCESSES, 1);
    if (reused) {
      count(CounterWords.REUSED, 1);
    }
  }

  /// Says that the exchange, or this part of it, is over.
  ///
  /// @param now as [System#nanoTime()] says
  /// @param busyNanos what it has taken
  /// @param bytes what was sent
  public void end(long now, long busyNanos, long bytes) {
    LONG.setOpaque(memory, offset + SINCE_OFFSET, now);
    count(CounterWords.BUSY_NANOS, busyNanos);
    count(CounterWords.BYTES, bytes);
  }

  /// Counts a connection that the thread has accepted.
  public void countAccepted() {
    count(CounterWords.ACCEPTED, 1);
  }

  /// Counts a connection that waited too long between two requests.
  public void countKeepAliveTimeout() {
    count(CounterWords.KEEP_ALIVE_TIMEOUTS, 1);
  }

  /// Counts a request that did not come in time.
  public void countReadTimeout() {
    count(CounterWords.READ_TIMEOUTS, 1);
  }

  /// Counts an answer that was not taken in time.
  public void countWriteTimeout() {
    count(CounterWords.WRITE_TIMEOUTS, 1);
  }

  /// Counts a connection that was closed for want of room.
  public void countRejected() {
    count(CounterWords.REJECTED, 1);
  }

  private void count(int counter, long more) {
    CounterWords.add(memory, offset + COUNTERS_OFFSET, counter, more);
  }

  // ---- any process ----

  /// What the thread does.
  public WorkerStatus status() {
    return status(word());
  }

  /// How the connection is parked that the thread keeps.
  ///
  /// @return what [Parked#values()] holds behind this number, counted from 1; 0 for none
  int parked() {
    return word() >> STATUS_BITS;
  }

  private int word() {
    return (int) INT.getOpaque(memory, offset + STATUS_OFFSET);
  }

  /// When the current exchange began, or the last one ended, as [System#nanoTime()] said. On Linux
  /// that is `CLOCK_MONOTONIC`, which all processes share, so it compares with the reader's.
  public long since() {
    return (long) LONG.getOpaque(memory, offset + SINCE_OFFSET);
  }

  /// What the thread has counted.
  public Counters counters() {
    return CounterWords.read(memory, offset + COUNTERS_OFFSET);
  }

  /// Adds what the thread has counted to the counters at `target`.
  void addCountersTo(long target) {
    CounterWords.addAll(memory, target, offset + COUNTERS_OFFSET);
  }

  /// What belongs together, never torn.
  ///
  /// @param now as [System#nanoTime()] says
  Worker read(WorkerStatus status, Counters counters, long now) {
    return SequenceLock.read(
        memory,
        offset + WORKER_SEQUENCE_OFFSET,
        () ->
            new Worker(
                status,
                counters,
                client(),
                printable(Text.read(memory, offset + REQUEST_OFFSET, REQUEST_SIZE)),
                since(status, now)),
        () -> new Worker(status, counters, "", "", since(status, now)));
  }

  private String client() {
    long at = offset + CLIENT_OFFSET;
    if ((int) INT.get(memory, at) != IPV4) {
      return printable(Text.read(memory, at, CLIENT_SIZE));
    }
    int address = (int) INT.get(memory, at + Integer.BYTES);
    int port = (int) INT.get(memory, at + 2 * Integer.BYTES) & 0xffff;
    return (address >>> 24)
        + "."
        + (address >>> 16 & 0xff)
        + "."
        + (address >>> 8 & 0xff)
        + "."
        + (address & 0xff)
        + ":"
        + port;
  }

  private Duration since(WorkerStatus status, long now) {
    long since = since();
    boolean never = status == WorkerStatus.STARTING || since == 0;
    return Duration.ofNanos(never ? 0 : Math.max(0, now - since));
  }

  /// What a page may show, whatever the process has written.
  private static String printable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c <= '~') ? text : text.replaceAll("[^ -~]", "?");
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

  private static WorkerStatus status(int word) {
    int code = word & ((1 << STATUS_BITS) - 1);
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
