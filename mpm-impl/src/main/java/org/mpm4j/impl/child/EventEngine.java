package org.mpm4j.impl.child;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.os.Poller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Event: a connection has a thread only while there is something to do for it.
///
/// The threads are `ThreadsPerChild` workers and one more, so that one of them can always listen.
final class EventEngine implements Engine {
  /*
   * Overview: one thread at a time is the listener (leader/follower: Schmidt et al., POSA 2, 2000). It
   * waits in EventListener for all connections, puts those that are ready into `ready`, hands its role
   * to an idle thread, and serves the first one itself: the common case has no hand-off of a
   * connection at all. If no other thread is idle, it goes on listening, and a worker that becomes free
   * finds the connection in `ready`; so at most ThreadsPerChild handlers run at a time.
   *
   *      ┌───────────────── idle (parked) ◄──────────────┐ nothing ready, role taken
   *      │ promoted or woken                             │
   *      ▼          role free                            │
   *   look for work ─────────► listen ─► role handed on ─┴─► serve ─► look for work
   *
   * Invariant: the role is held, or a thread that was woken is on its way to take it. A thread gives the
   * role away only by waking an idle one, and a thread that was woken tries the role before anything
   * else. So timeouts and admission never wait for a busy worker.
   *
   * Ownership: EventListener, with its wheel and tables, belongs to the holder of `listening`, whose CAS
   * and volatile write are the happens-before edge. A connection in `ready` belongs to the queue, one
   * that was polled to its worker.
   *
   * Memory ordering: no wake-up is lost between a thread that parks and one that has work. The former
   * pushes itself on `idle`, then looks at `ready` and `listening`; the latter offers or releases, then,
   * behind a full fence (the queue's offer is a release only), pops from `idle`. One sees the other.
   *
   * Shutdown: drain() wakes the listener, which accepts no more and closes what is idle. When the last
   * connection is closed it sets `ended` and wakes everybody; the last thread to end closes the poller.
   */

  private static final Logger log = LoggerFactory.getLogger(EventEngine.class);

  // so that a listener that fails again and again, out of memory say, leaves the others time
  private static final long FAILURE_PAUSE_NANOS = 10_000_000;

  private final Service service;
  private final EventListener listener;
  private final Poller poller;
  private final Worker[] workers;
  private final IdleWorkers idle;
  private final SpmcVarHandleArrayQueue<EventConnection> ready;
  private final AtomicBoolean listening = new AtomicBoolean();
  private final AtomicInteger running;
  private final CountDownLatch terminated = new CountDownLatch(1);

  // set by the last listener
  private volatile boolean ended;

  EventEngine(Service service, ChildLoad load, EventLimits limits, int[] listenFds)
      throws IOException {
    int threads = limits.admission().threadsPerChild() + 1;
    this.service = service;
    this.poller = Poller.open(service.os, EventListener.BATCH);
    this.idle = new IdleWorkers(threads);
    this.ready = new SpmcVarHandleArrayQueue<>(limits.mostConnections());
    this.listener = new EventListener(service, this, load, limits, poller, listenFds, ready, idle);
    this.running = new AtomicInteger(threads);
    this.workers = new Worker[threads];
    for (int i = 0; i < threads; i++) {
      workers[i] = new Worker(i);
    }
  }

  @Override
  public void start() {
    for (Worker worker : workers) {
      worker.thread.start();
    }
  }

  @Override
  public void drain() {
    service.drain.raise();
    poller.wakeup();
  }

  @Override
  public void terminate() {
    service.terminate.raise();
    drain();
    for (Worker worker : workers) {
      worker.thread.interrupt();
    }
  }

  @Override
  public boolean awaitTermination(long nanos) throws InterruptedException {
    if (!terminated.await(nanos, TimeUnit.NANOSECONDS)) {
      return false;
    }
    for (Worker worker : workers) {
      worker.thread.join(); // it has nothing more to do
    }
    return true;
  }

  @Override
  public boolean crowded(WorkerBuffers lent) {
    return false; // a connection that is kept holds no worker
  }

  @Override
  public void resumed(SocketConnection connection) {
    listener.handBack((EventConnection) connection);
    poller.wakeup();
  }

  /// Wakes an idle thread, if there is one.
  private boolean wakeIdle() {
    int index = idle.tryPop();
    if (index < 0) {
      return false;
    }
    workers[index].wake();
    return true;
  }

  private final class Worker implements Runnable {
    final int index;
    final Thread thread;

    // set by whoever pops this worker from `idle`, cleared by the worker
    private volatile boolean woken;

    Worker(int index) {
      this.index = index;
      this.thread = Thread.ofPlatform().name("mpm-event-" + index).unstarted(this);
    }

    void wake() {
      woken = true;
      LockSupport.unpark(thread);
    }

    @Override
    public void run() {
      try (WorkerBuffers buffers = new WorkerBuffers(0)) {
        work(buffers);
      } catch (Throwable e) {
        log.error("{} ended: the child has one worker less", thread.getName(), e);
      } finally {
        if (running.decrementAndGet() == 0) {
          poller.close();
          terminated.countDown();
        }
      }
    }

    private void work(WorkerBuffers buffers) {
      boolean roleFirst = true;
      while (!ended) {
        EventConnection connection = roleFirst ? null : ready.poll();
        roleFirst = false;
        if (connection == null && listening.compareAndSet(false, true)) {
          connection = listen(buffers);
        } else if (connection == null) {
          connection = ready.poll();
        }
        if (connection != null) {
          serve(connection, buffers);
        } else if (!ended) {
          awaitWork();
          roleFirst = true;
        }
      }
    }

    /// Listens until there is something to serve and somebody to take over the role.
    private @Nullable EventConnection listen(WorkerBuffers buffers) {
      while (true) {
        if (!ready.isEmpty()) {
          VarHandle.fullFence(); // the queue's offer is a release only
          int successor = idle.tryPop();
          if (successor >= 0) {
            listening.set(false);
            workers[successor].wake();
            return ready.poll(); // null if a worker that became free was faster
          }
        }
        if (!listenOnce(buffers)) {
          ended = true;
          listening.set(false);
          while (wakeIdle()) {}
          return null;
        }
      }
    }

    /// Listens once, whatever happens: nobody else would.
    private boolean listenOnce(WorkerBuffers buffers) {
      try {
        return listener.listen(buffers);
      } catch (Throwable e) {
        log.error("the listener failed and goes on", e);
        LockSupport.parkNanos(this, FAILURE_PAUSE_NANOS);
        return true;
      }
    }

    private void serve(EventConnection connection, WorkerBuffers buffers) {
      try {
        while (!listener.park(connection, connection.advance(buffers))) {}
      } catch (Throwable e) {
        log.error("{} is stuck: its worker failed to park it", connection, e);
      }
      Thread.interrupted(); // an interrupt was meant for the handler
    }

    /// Parks until woken, unless there is work.
    private void awaitWork() {
      woken = false;
      idle.push(index);
      if (!ready.isEmpty() || !listening.get() || ended) {
        wakeIdle(); // perhaps this one
      } else if (listener.waitsForIdleWorker()) {
        poller.wakeup();
      }
      while (!woken) {
        LockSupport.park(this);
        Thread.interrupted(); // an interrupt is meant for a handler
      }
    }
  }
}
