package org.mpm4j.impl.child;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.scoreboard.WorkerScore;

/// What one worker thread does, for the scoreboard and for the child's [Monitor].
final class WorkerActivity {
  /*
   * Overview: a call of the handler is a run. `run` counts them in its high bits and says in its low
   * ones whether one is on: IDLE → BUSY → IDLE, and BUSY → INTERRUPTING → BUSY.
   *
   * Ownership: the worker's thread writes, but for INTERRUPTING, which the monitor sets and takes back.
   *
   * Memory ordering: a sequence lock. The worker writes the run's words behind a store fence and then
   * releases BUSY; the monitor acquires `run`, reads the words, and believes them if `run` is still the
   * same. The worker pays plain stores, and a compare-and-set at the run's end only where requests may
   * be interrupted: it fails while the monitor interrupts, so that no interrupt hits another run.
   */

  private static final int IDLE = 0;
  private static final int BUSY = 1;
  private static final int INTERRUPTING = 2;
  private static final int STATES = 4;

  private static final VarHandle RUN = handle("run", long.class);
  private static final VarHandle START = handle("start", long.class);
  private static final VarHandle NOT_BEFORE = handle("notBefore", long.class);
  private static final VarHandle CONNECTION = handle("connection", SocketConnection.class);

  /// A run as the monitor found it.
  ///
  /// @param id differs from that of every other run of the worker
  /// @param start when it began, nanoseconds
  /// @param notBefore until when its handler has asked for patience; `start` if it has not
  /// @param connection whose exchange it serves; not to be touched but for its descriptor
  record Run(long id, long start, long notBefore, SocketConnection connection) {}

  private final Thread thread = Thread.currentThread();
  private final WorkerScore score;
  private final Service service;
  private final boolean interruptible;
  private final RequestLine requestLine = new RequestLine();

  // the worker
  private long sent;
  private long lastRun;

  // see Memory ordering
  private long run;

  private long start;

  @SuppressWarnings("UnusedVariable") // the handle reads it
  private long notBefore;

  @SuppressWarnings("UnusedVariable")
  private @Nullable SocketConnection connection;

  // written by the worker, and read by the monitor while it interrupts
  private volatile @Nullable ConnectionSocket socket;

  /// For the calling thread.
  WorkerActivity(WorkerScore score, Service service) {
    this.score = score;
    this.service = service;
    this.interruptible = service.requestTimeouts.terminates();
  }

  private static VarHandle handle(String field, Class<?> type) {
    return ConstantBootstraps.fieldVarHandle(
        MethodHandles.lookup(), field, VarHandle.class, WorkerActivity.class, type);
  }

  // ---- the worker ----

  /// A run begins.
  void begin(SocketConnection served) {
    begin(served, service.nanoTime.getAsLong());
  }

  private void begin(SocketConnection served, long now) {
    VarHandle.storeStoreFence();
    START.setOpaque(this, now);
    NOT_BEFORE.setOpaque(this, now);
    CONNECTION.setOpaque(this, served);
    RUN.setRelease(this, run + BUSY);
    served.begin(score, now);
    status(WorkerStatus.BUSY_WRITE);
  }

  /// The run is over.
  ///
  /// @param now nanoseconds
  void end(long now) {
    long before = run / STATES * STATES;
    if (interruptible) {
      while (!RUN.compareAndSet(this, before + BUSY, before + STATES)) {
        Thread.onSpinWait(); // the monitor interrupts just now
      }
      Thread.interrupted(); // it was meant for the handler
    } else {
      RUN.setRelease(this, before + STATES);
    }
    CONNECTION.setOpaque(this, null);
    if (socket != null) {
      socket = null;
    }
    lastRun = now - start;
    score.end(now, lastRun, sent);
    sent = 0;
    score.status(WorkerStatus.READY);
  }

  /// The run is over, and another one of the same connection begins.
  void next(SocketConnection served) {
    long now = service.nanoTime.getAsLong();
    end(now);
    begin(served, now);
  }

  /// How long the last run took, nanoseconds.
  long lastRun() {
    return lastRun;
  }

  /// The connection of the run as a socket; null if the handler has not asked for it.
  @Nullable ConnectionSocket socket() {
    return socket;
  }

  /// The handler has asked for the connection as a socket.
  void socket(ConnectionSocket used) {
    socket = used;
  }

  /// So many bytes more were sent.
  void sent(long bytes) {
    sent += bytes;
  }

  /// Says what the run serves.
  void describe(ByteBuffer text) {
    int length = requestLine.read(text);
    score.request(requestLine.bytes(), length);
  }

  /// Puts off what the monitor does about the run.
  void extendDeadline(Duration fromNow) {
    NOT_BEFORE.setOpaque(this, service.nanoTime.getAsLong() + fromNow.toNanos());
  }

  /// What the thread has counted.
  WorkerScore score() {
    return score;
  }

  /// Counts a connection that has waited too long for it.
  ///
  /// @param idle whether it could be let go just because the child drains
  void countTimeout(Wait wait, boolean idle) {
    if (idle && service.draining()) {
      return;
    }
    switch (wait) {
      case KEEP_ALIVE -> score.countKeepAliveTimeout();
      case REQUEST -> score.countReadTimeout();
      case WRITE_COMPLETION -> score.countWriteTimeout();
      case LINGER, RESUME, CLOSED -> {}
    }
  }

  /// Says what the thread does while it waits for a connection that it keeps.
  void waits(Wait wait) {
    WorkerStatus status = service.draining() ? WorkerStatus.GRACEFUL : wait.status;
    if (wait.parked == null) {
      score.status(status);
    } else {
      score.status(status, wait.parked);
    }
  }

  /// Says what the thread does.
  void status(WorkerStatus status) {
    score.status(status.busy() && service.draining() ? WorkerStatus.GRACEFUL : status);
  }

  // ---- any thread ----

  /// What the worker does now.
  ///
  /// @return null if it runs no handler
  @Nullable Run run() {
    long before = (long) RUN.getAcquire(this);
    if (before % STATES == IDLE) {
      return null;
    }
    long began = (long) START.getOpaque(this);
    long patience = (long) NOT_BEFORE.getOpaque(this);
    SocketConnection served = (SocketConnection) CONNECTION.getOpaque(this);
    VarHandle.loadLoadFence();
    return served != null && isStill(before) ? new Run(before, began, patience, served) : null;
  }

  /// Whether the worker is still in the run.
  boolean isStill(long id) {
    return (long) RUN.getOpaque(this) == id;
  }

  /// Interrupts the worker if it is still in the run, and cuts off its socket. One caller at a
  /// time.
  ///
  /// @return false if the run is over
  boolean interrupt(long id) {
    if (!RUN.compareAndSet(this, id, id - BUSY + INTERRUPTING)) {
      return false;
    }
    thread.interrupt();
    ConnectionSocket used = socket;
    if (used != null) { // still the run's: the worker cannot end it now
      used.cutOff();
    }
    RUN.setRelease(this, id);
    return true;
  }

  StackTraceElement[] stack() {
    return thread.getStackTrace();
  }

  @Override
  public String toString() {
    return thread.getName();
  }
}
