package org.mpm4j.impl.child;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
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
   * Overview: one thread at a time is the listener. It waits in EventListener for all connections, and
   * puts those that are ready into `ready`. While exchanges are quick it serves them one after the other,
   * watched by an idle thread that takes its role away if one is not. Otherwise it hands its role to an
   * idle thread, and serves the first connection itself (leader/followers). Either way the common case has
   * no hand-off of a connection at all. If no other thread is idle it starts one; if there are as many as
   * may be, it goes on listening, and a worker that becomes free finds the connection in `ready`; so at
   * most ThreadsPerChild handlers run at a time. Follower has the loop of a thread, with its states.
   *
   * Invariant: that of ListenerRole, which holds the protocol: the role is held, or a thread is on its
   * way to take it. So timeouts and admission never wait for a busy worker.
   *
   * Retirement: retire() takes idle threads off the stack and wakes them, marked. Such a thread behaves
   * as any that was woken, but ends where it would park, unless too few would be left. Nobody counts on
   * it: whoever has work counts on the threads that it pops or starts itself. What a thread that ends has
   * to do is to tell a listener that found neither an idle thread nor a number to start, because the
   * retired one was neither at the time: it gives its number back, then looks for work and wakes the
   * listener.
   *
   * Ownership: EventListener, with its wheel and tables, belongs to the holder of `role`, which is the
   * happens-before edge. A connection in `ready` belongs to the queue, one that was polled to its worker.
   * Only the holder of the role starts threads, or who has just given it away for that.
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

  private final Service service;
  private final EventListener listener;
  private final Poller poller;
  private final WorkerThreads threads;
  private final List<Follower<EventConnection>> workers;
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
    this.workers = IntStream.range(0, most).mapToObj(i -> new Follower<>(i, role, ready)).toList();
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
      workers.get(worker).parker.retire();
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
      activity.status(WorkerStatus.READY);
      return workers.get(worker).work(new Work(buffers));
    }
  }

  private final class Crew implements ListenerRole.Crew {
    @Override
    public void wake(int worker) {
      workers.get(worker).parker.wake();
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

  /// What a worker does with its buffers.
  private final class Work implements Follower.Work<EventConnection> {
    private final WorkerBuffers buffers;

    Work(WorkerBuffers buffers) {
      this.buffers = buffers;
    }

    /// Listens once, whatever happens: nobody else would.
    @Override
    public boolean listen() {
      try {
        return listener.listen(buffers);
      } catch (Throwable e) {
        log.error("the listener failed and goes on", e);
        LockSupport.parkNanos(this, FAILURE_PAUSE_NANOS);
        return true;
      }
    }

    @Override
    public void serve(EventConnection connection) {
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

    @Override
    public boolean tryDismiss() {
      return threads.tryDismiss();
    }
  }
}
