package org.mpm4j.impl.child;

import java.io.IOException;
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
   * Overview: one thread at a time is the listener. It waits in EventListener for all connections, and puts
   * those that are ready into `ready`. While exchanges are quick it serves them one after the other, watched
   * by an idle thread that takes its role away if one is not. Otherwise it hands its role to an idle thread,
   * and serves the first connection itself (leader/follower: Schmidt et al., POSA 2, 2000). Either way the
   * common case has no hand-off of a connection at all. If no other thread is idle it starts one; if there
   * are as many as may be, it goes on listening, and a worker that becomes free finds the connection in
   * `ready`; so at most ThreadsPerChild handlers run at a time.
   *
   *      ┌───────────────── idle (parked) ◄──────────────┐ nothing ready, role taken
   *      │ promoted, woken or retired                    │
   *      ▼          role free                            │
   *   look for work ─────────► listen ─► role handed on ─┴─► serve ─► look for work
   *      │ retired, and there is none
   *      ▼
   *    absent
   *
   * Invariant: that of ListenerRole, which holds the protocol: the role is held, or a thread is on its
   * way to take it. So timeouts and admission never wait for a busy worker.
   *
   * Retirement: retire() takes idle threads off the stack and wakes them, marked. Such a thread behaves
   * as any that was woken, but ends where it would park, unless too few would be left. Nobody counts on it: whoever has work counts on
   * the threads that it pops or starts itself. What a thread that ends has to do is to tell a listener
   * that found neither an idle thread nor a number to start, because the retired one was neither at the
   * time: it gives its number back, then looks for work and wakes the listener.
   *
   * Ownership: EventListener, with its wheel and tables, belongs to the holder of `role`, which is the
   * happens-before edge. A connection in `ready` belongs to the queue, one
   * that was polled to its worker. Only the holder of the role starts threads, or who has just given it away for that.
   *
   * Memory ordering: see ListenerRole, and Parker for a thread that sleeps.
   *
   * Shutdown: drain() wakes the listener, which accepts no more and closes what is idle. When the last
   * connection is closed it ends the role and wakes everybody; the last thread to end closes the poller.
   */

  private static final Logger log = LoggerFactory.getLogger(EventEngine.class);

  // so that a listener that fails again and again, out of memory say, leaves the others time
  private static final long FAILURE_PAUSE_NANOS = 10_000_000;

  // how often a client that is faster than its worker is served before it queues again
  private static final int MOST_TURNS = 16;

  // who listens, and two who serve
  private static final int LEAST_THREADS = 3;

  // the others wait for a handler that blocks by surprise for as long, or twice
  static final long WATCH_NANOS = 500_000;

  // and nobody watches any more when as many looks have found nothing to watch
  static final int IDLE_LOOKS = 3;

  private final Service service;
  private final EventListener listener;
  private final Poller poller;
  private final WorkerThreads threads;
  private final Worker[] workers;
  private final ListenerRole role;
  private final SpmcVarHandleArrayQueue<EventConnection> ready;

  EventEngine(
      Service service, ProcessScore score, ChildLoad load, EventLimits limits, int[] listenFds)
      throws IOException {
    int most = limits.admission().threadsPerChild() + 1;
    this.service = service;
    this.poller = Poller.open(service.os, EventListener.BATCH);
    this.ready = new SpmcVarHandleArrayQueue<>(limits.mostConnections());
    this.role = new ListenerRole(most, ready, new Crew());
    this.threads =
        new WorkerThreads(
            service,
            score,
            "event",
            Math.min(LEAST_THREADS, most),
            most,
            this::run,
            role::threadEnded,
            poller::close);
    this.listener = new EventListener(service, this, role, load, limits, poller, listenFds, ready);
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
    return role.idle();
  }

  @Override
  public void retire(int count) {
    for (int i = 0; i < count; i++) {
      int worker = role.tryTakeIdle();
      if (worker < 0) {
        return;
      }
      workers[worker].parker.retire();
      threads.unpark(worker);
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

  private boolean run(int worker, WorkerActivity activity) {
    try (WorkerBuffers buffers = new WorkerBuffers(0, activity)) {
      return workers[worker].work(buffers);
    }
  }

  private final class Crew implements ListenerRole.Crew {
    @Override
    public void wake(int worker) {
      workers[worker].parker.wake();
      threads.unpark(worker);
    }

    @Override
    public boolean tryStart() {
      return threads.tryStart();
    }

    @Override
    public int startable() {
      return threads.startable();
    }

    @Override
    public int running() {
      return threads.running();
    }

    @Override
    public void wakeListener() {
      poller.wakeup();
    }
  }

  private final class Worker {
    private final int index;
    private final Parker parker = new Parker();

    Worker(int index) {
      this.index = index;
    }

    /// Works until the child has drained or the thread is dismissed.
    ///
    /// @return whether it is dismissed
    boolean work(WorkerBuffers buffers) {
      buffers.activity.status(WorkerStatus.READY);
      parker.stay();
      boolean roleFirst = true;
      while (!role.ended()) {
        EventConnection connection = roleFirst ? null : ready.poll();
        roleFirst = false;
        if (connection == null && role.tryTake()) {
          connection = listen(buffers);
        } else if (connection == null) {
          connection = ready.poll();
        }
        if (connection != null) {
          parker.stay(); // it was of use
          serve(connection, buffers);
        } else if (parker.retired() && threads.tryDismiss()) {
          return true;
        } else if (!role.ended()) {
          parker.prepare();
          role.rest(index);
          if (role.tryWatch()) {
            watch();
          }
          parker.await();
          roleFirst = true;
        }
      }
      return false;
    }

    /// Listens until there is something to serve and somebody to take over the role.
    private @Nullable EventConnection listen(WorkerBuffers buffers) {
      while (true) {
        while (!ready.isEmpty()) {
          long serving = role.tryServe();
          if (serving == 0) {
            if (role.tryHandOn()) {
              return ready.poll(); // null if a worker that became free was faster
            }
            break; // all are busy
          }
          EventConnection connection = ready.poll();
          if (connection != null) {
            serve(connection, buffers);
          }
          if (!role.resume(serving)) {
            return null;
          }
        }
        if (!listenOnce(buffers)) {
          role.end();
          return null;
        }
      }
    }

    /// Looks after the listener while it serves, until woken or nothing happens.
    private void watch() {
      long before = role.look();
      int idleLooks = 0;
      while (!parker.woken() && idleLooks < IDLE_LOOKS) {
        LockSupport.parkNanos(this, WATCH_NANOS);
        Thread.interrupted(); // an interrupt is meant for a handler
        long now = role.look();
        boolean same = now == before;
        idleLooks = same && !role.tryTakeAway(now) ? idleLooks + 1 : 0;
        before = now;
      }
      role.endWatch();
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
        int turns = 0;
        while (!listener.park(connection, connection.advance(buffers))) {
          if (++turns == MOST_TURNS) {
            resumed(connection);
            break;
          }
        }
        role.served(buffers.activity.lastRun());
      } catch (Throwable e) {
        log.error("{} is stuck: its worker failed to park it", connection, e);
      }
      Thread.interrupted(); // an interrupt was meant for the handler
    }
  }
}
