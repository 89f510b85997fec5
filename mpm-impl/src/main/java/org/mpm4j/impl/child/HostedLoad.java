package org.mpm4j.impl.child;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ServerLoad;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.WorkerScore;

/// What a hosted server reports, in the scoreboard. Any thread.
final class HostedLoad implements ServerLoad {
  /*
   * Overview: the records of a child's worker threads are worker slots here. `free` holds those without
   * an exchange. An exchange that finds none counts, when it ends, in one more record, `others`, as
   * connections do; that record is of no worker, so it stays DEAD.
   *
   * Ownership: a slot's record and request line belong to the exchange that has popped it, until it
   * pushes it back. An exchange that has ended touches neither any more: its lock says so.
   *
   * Memory ordering: within an exchange its lock; from one exchange to the next the push and the pop of
   * the slot. `others` has its own lock.
   *
   * Shutdown: none. The child's exit ends it; in-process, a late exchange finds the scoreboard gone, so
   * close() has all that follows do nothing.
   */

  /// A place in the scoreboard for one exchange at a time.
  private record Slot(WorkerScore score, RequestLine line) {}

  private final ProcessScore score;
  private final LongSupplier nanoTime;
  private final BooleanSupplier draining;
  private final IdleWorkers free;
  private final Slot[] slots;
  private final WorkerScore others;

  // any thread
  private final AtomicInteger exchanges = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder accesses = new LongAdder();
  private final LongAdder opened = new LongAdder();
  private volatile boolean closed;

  /// Takes the records of so many workers, all of them idle.
  ///
  /// @param workers `ThreadsPerChild`
  HostedLoad(ProcessScore score, int workers, LongSupplier nanoTime, BooleanSupplier draining) {
    this.score = score;
    this.nanoTime = nanoTime;
    this.draining = draining;
    this.free = new IdleWorkers(workers);
    this.slots = new Slot[workers];
    for (int worker = workers - 1; worker >= 0; worker--) { // so that the first one is on top
      slots[worker] = new Slot(score.worker(worker), new RequestLine());
      slots[worker].score.status(WorkerStatus.READY);
      free.push(worker);
    }
    this.others = score.worker(workers);
    for (int record = 0; record <= workers; record++) {
      score.threadStarted(record);
    }
    score.threadEnded(); // the last one is there for its counters alone
  }

  @Override
  public Exchange begin() {
    return begin(new byte[0]);
  }

  @Override
  public Exchange begin(SocketAddress client) {
    return begin(ClientName.of(client));
  }

  private Exchange begin(byte[] client) {
    exchanges.incrementAndGet();
    int worker = free.tryPop();
    long now = nanoTime.getAsLong();
    if (worker >= 0 && !closed) {
      WorkerScore record = slots[worker].score;
      record.begin(now, client);
      record.status(draining.getAsBoolean() ? WorkerStatus.GRACEFUL : WorkerStatus.BUSY_WRITE);
    }
    return new Running(worker, now);
  }

  @Override
  public void connectionOpened() {
    connections.incrementAndGet();
    opened.increment();
    synchronized (others) {
      if (!closed) {
        score.addConnections(1);
        others.countAccepted();
      }
    }
  }

  @Override
  public void connectionClosed() {
    if (connections.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
      synchronized (others) {
        if (!closed) {
          score.addConnections(-1);
        }
      }
    }
  }

  @Override
  public int exchanges() {
    return exchanges.get();
  }

  /// How much the child has done, as `MaxConnectionsPerChild` counts it.
  long served() {
    long accepted = opened.sum();
    return accepted > 0 ? accepted : accesses.sum();
  }

  /// The scoreboard is not to be touched any more.
  void close() {
    synchronized (others) {
      closed = true;
    }
  }

  private final class Running implements Exchange {
    // -1 for none
    private final int worker;
    private final long begun;

    // guarded by this
    private long sent;
    private boolean ended;

    Running(int worker, long begun) {
      this.worker = worker;
      this.begun = begun;
    }

    private @Nullable Slot slot() {
      return worker < 0 || ended || closed ? null : slots[worker];
    }

    @Override
    public synchronized void describe(ByteBuffer request) {
      Slot slot = slot();
      if (slot != null) {
        int length = slot.line.read(request);
        slot.score.request(slot.line.bytes(), length);
      }
    }

    @Override
    public void describe(String request) {
      describe(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public synchronized void sent(long bytes) {
      sent += bytes;
    }

    @Override
    public synchronized void close() {
      if (ended) {
        return;
      }
      long now = nanoTime.getAsLong();
      Slot slot = slot();
      ended = true;
      if (slot != null) {
        count(slot.score, now);
        slot.score.status(WorkerStatus.READY);
      } else if (worker < 0) {
        synchronized (others) {
          if (!closed) {
            count(others, now);
          }
        }
      }
      if (worker >= 0) {
        free.push(worker);
      }
      accesses.increment();
      exchanges.decrementAndGet();
    }

    private void count(WorkerScore record, long now) {
      record.countAccess(false);
      record.end(now, now - begun, sent);
    }
  }
}
