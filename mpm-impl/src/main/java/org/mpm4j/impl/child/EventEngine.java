package org.mpm4j.impl.child;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Event: a connection has a thread only while there is something to do for it.
///
/// The threads are at most `ThreadsPerChild` workers and one more, so that one of them can always
/// listen; they are started when there is work and nobody idle.
final class EventEngine implements Engine {
  /*
   * Overview: one thread at a time is the listener (leader/follower: Schmidt et al., POSA 2, 2000). It
   * waits in EventListener for all connections, puts those that are ready into `ready`, hands its role
   * to an idle thread, and serves the first one itself: the common case has no hand-off of a
   * connection at all. If no other thread is idle it starts one; if there are as many as may be, it goes
   * on listening, and a worker that becomes free finds the connection in `ready`; so at most
   * ThreadsPerChild handlers run at a time.
   *
   *      ┌───────────────── idle (parked) ◄──────────────┐ nothing ready, role taken
   *      │ promoted, woken or retired                    │
   *      ▼          role free                            │
   *   look for work ─────────► listen ─► role handed on ─┴─► serve ─► look for work
   *      │ retired, and there is none
   *      ▼
   *    absent
   *
   * Invariant: the role is held, or a thread that was woken or started is on its way to take it. A
   * thread gives the role away only by waking an idle one or by starting one, and both try the role
   * before anything else. So timeouts and admission never wait for a busy worker. (A child that has a
   * single thread, because the system refused the others, serves and listens in turn.)
   *
   * Retirement: retire() takes idle threads off the stack and wakes them, marked. Such a thread behaves
   * as any that was woken, but ends where it would park, unless too few would be left. Nobody counts on it: whoever has work counts on
   * the threads that it pops or starts itself. What a thread that ends has to do is to tell a listener
   * that found neither an idle thread nor a number to start, because the retired one was neither at the
   * time: it gives its number back, then looks for work and wakes the listener.
   *
   * Ownership: EventListener, with its wheel and tables, belongs to the holder of `listening`, whose CAS
   * and volatile write are the happens-before edge. A connection in `ready` belongs to the queue, one
   * that was polled to its worker. Only the holder of the role starts threads.
   *
   * Memory ordering: no wake-up is lost between a thread that parks and one that has work. The former
   * pushes itself on `idle`, then looks at `ready` and `listening`; the latter offers or releases, then,
   * behind a full fence (the queue's offer is a release only), pops from `idle`. One sees the other. A
   * thread that ends does the same with WorkerThreads' stack of absent numbers in the place of `idle`.
   *
   * Shutdown: drain() wakes the listener, which accepts no more and closes what is idle. When the last
   * connection is closed it sets `ended` and wakes everybody; the last thread to end closes the poller.
   */

  private static final Logger log = LoggerFactory.getLogger(EventEngine.class);

  // so that a listener that fails again and again, out of memory say, leaves the others time
  private static final long FAILURE_PAUSE_NANOS = 10_000_000;

  // who listens, and two who serve
  private static final int LEAST_THREADS = 3;

  private final Service service;
  private final EventListener listener;
  private final Poller poller;
  private final WorkerThreads threads;
  private final Worker[] workers;
  private final IdleWorkers idle;
  private final SpmcVarHandleArrayQueue<EventConnection> ready;
  private final AtomicBoolean listening = new AtomicBoolean();

  // set by the last listener
  private volatile boolean ended;

  EventEngine(
      Service service, ProcessScore score, ChildLoad load, EventLimits limits, int[] listenFds)
      throws IOException {
    int most = limits.admission().threadsPerChild() + 1;
    this.service = service;
    this.poller = Poller.open(service.os, EventListener.BATCH);
    this.idle = new IdleWorkers(most);
    this.ready = new SpmcVarHandleArrayQueue<>(limits.mostConnections());
    this.threads =
        new WorkerThreads(
            service,
            score,
            "event",
            Math.min(LEAST_THREADS, most),
            most,
            this::run,
            this::tellListener,
            poller::close);
    this.listener = new EventListener(service, this, load, limits, poller, listenFds, ready);
    this.workers = new Worker[most];
    for (int i = 0; i < most; i++) {
      workers[i] = new Worker(i);
    }
  }

  @Override
  public void start() {
    threads.start();
  }

  @Override
  public void acceptingChanged() {
    poller.wakeup();
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
    threads.interrupt();
  }

  @Override
  public WorkerThreads threads() {
    return threads;
  }

  @Override
  public int spare() {
    return idle.count();
  }

  @Override
  public void retire(int count) {
    for (int i = 0; i < count; i++) {
      int worker = idle.tryPop();
      if (worker < 0) {
        return;
      }
      workers[worker].retire();
    }
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

  /// Roughly how many workers have nothing to do, those that could be started included.
  int available() {
    return idle.count() + threads.startable();
  }

  private boolean run(int worker, WorkerActivity activity) {
    try (WorkerBuffers buffers = new WorkerBuffers(0, activity)) {
      return workers[worker].work(buffers);
    }
  }

  /// A thread has ended: another may be started.
  private void tellListener() {
    if (!listening.get()) {
      wakeIdle(); // it may have ended on its way to the role
    } else if (!ready.isEmpty() || listener.waitsForIdleWorker()) {
      poller.wakeup();
    }
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

  private final class Worker {
    private final int index;

    // set by whoever pops this worker from `idle`, cleared by the worker
    private volatile boolean woken;

    // set before `woken` by whoever retires the worker, cleared by the worker
    private boolean retired;

    Worker(int index) {
      this.index = index;
    }

    void wake() {
      woken = true;
      threads.unpark(index);
    }

    void retire() {
      retired = true;
      wake();
    }

    /// Works until the child has drained or the thread is dismissed.
    ///
    /// @return whether it is dismissed
    boolean work(WorkerBuffers buffers) {
      buffers.activity.status(WorkerStatus.READY);
      retired = false;
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
          retired = false; // it was of use
          serve(connection, buffers);
        } else if (retired && threads.tryDismiss()) {
          return true;
        } else if (!ended) {
          awaitWork();
          roleFirst = true;
        }
      }
      return false;
    }

    /// Listens until there is something to serve and somebody to take over the role.
    private @Nullable EventConnection listen(WorkerBuffers buffers) {
      while (true) {
        if (!ready.isEmpty()) {
          VarHandle.fullFence(); // the queue's offer is a release only
          if (handOn()) {
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

    /// Gives the role to an idle thread, or to a new one.
    ///
    /// @return false if there is neither: this thread keeps it
    private boolean handOn() {
      int successor = idle.tryPop();
      if (successor >= 0) {
        listening.set(false);
        workers[successor].wake();
        return true;
      }
      if (threads.tryStart()) {
        listening.set(false);
        wakeIdle(); // the new one, if it has looked for the role already and parked
        return true;
      }
      if (threads.running() == 1) {
        listening.set(false);
        return true;
      }
      return false;
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
      retired = false;
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
