package org.mpm4j.impl.child;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Prefork and worker: a thread accepts a connection and keeps it until it ends.
///
/// Prefork is this engine with one thread.
final class BlockingEngine implements Engine {
  /*
   * Overview: the idle threads queue for `listening`; whoever holds it waits for a connection, accepts
   * one, releases the lock and serves it. So a connection is accepted only by the worker that is
   * reserved for it, and there is nothing to hand over. Whoever accepts while nobody else is idle starts
   * another thread first. To retire threads the monitor says how many and wakes the holder; it
   * ends, and so do those that get the lock after it, but for the last one.
   *
   * Ownership: a connection belongs to its thread, all its life but while it is suspended. Poller and
   * Listeners belong to the holder of the lock, which is the happens-before edge.
   *
   * Shutdown: drain() wakes the holder, which leaves; each of the others finds the flag when it gets the
   * lock. Waits between exchanges watch the drain's descriptor and end. The last thread to end closes
   * the poller and opens `terminated`.
   */

  private static final Logger log = LoggerFactory.getLogger(BlockingEngine.class);

  // so that a thread that fails again and again, out of memory say, leaves the others time
  private static final long FAILURE_PAUSE_NANOS = 10_000_000;

  private static final int DRAINED = -1;
  private static final int DISMISSED = -2;

  // so that the second connection waits for no thread to start
  private static final int LEAST_THREADS = 2;

  private final Service service;
  private final ChildLoad load;
  private final Poller poller;
  private final Listeners listeners;
  private final WorkerThreads threads;
  private final ReentrantLock listening = new ReentrantLock();

  // threads that wait for a connection, or are about to
  private final AtomicInteger idle = new AtomicInteger();

  // raised by the monitor, lowered by holders of `listening`
  private final AtomicInteger surplus = new AtomicInteger();

  // the holder of `listening`
  private int nextListener;
  private int backlogLeft = -1;

  BlockingEngine(
      Service service,
      ProcessScore score,
      ChildLoad load,
      int[] listenFds,
      int workers,
      String name)
      throws IOException {
    this.service = service;
    this.load = load;
    this.poller = Poller.open(service.os, Math.max(8, listenFds.length));
    this.listeners = new Listeners(service.os, poller, listenFds);
    int least = Math.min(LEAST_THREADS, workers);
    this.threads =
        new WorkerThreads(service, score, name, least, workers, this::run, () -> {}, poller::close);
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
    return Math.max(0, idle.get() - 1);
  }

  @Override
  public void retire(int count) {
    surplus.set(count);
    poller.wakeup();
  }

  @Override
  public boolean crowded(WorkerBuffers lent) {
    return idle.get() == 0
        && threads.startable() == 0
        && listeners.pending(lent.waiting)
        && !load.siblingAccepts();
  }

  @Override
  public void resumed(SocketConnection connection) {
    // its thread is parked in await, one of these: a spurious unpark costs the others a look
    threads.unparkAll();
  }

  /// Serves one connection after the other, whatever happens: a child has few other threads.
  private boolean run(int worker, WorkerActivity activity) {
    try (WorkerBuffers buffers = new WorkerBuffers(listeners.count(), activity)) {
      while (true) {
        try {
          activity.status(WorkerStatus.READY);
          int fd = accept(activity);
          if (fd < 0) {
            return fd == DISMISSED;
          }
          try {
            serve(new SocketConnection(service, this, fd), buffers);
          } finally {
            load.closed();
          }
          Thread.interrupted(); // an interrupt was meant for the handler
        } catch (Throwable e) {
          log.error("{} failed and goes on", Thread.currentThread().getName(), e);
          LockSupport.parkNanos(this, FAILURE_PAUSE_NANOS);
        }
      }
    }
  }

  /// Waits for a connection.
  ///
  /// @return its descriptor, or [#DRAINED] or [#DISMISSED] if the thread is to end
  private int accept(WorkerActivity activity) {
    idle.incrementAndGet();
    listening.lock();
    try {
      while (!service.draining()) {
        if (surplus.get() > 0 && idle.get() > 1 && threads.tryDismiss()) {
          surplus.decrementAndGet();
          return DISMISSED;
        }
        surplus.set(0);
        long now = service.nanoTime.getAsLong();
        boolean able = service.accepting() && !listeners.starved(now);
        boolean wanted = able && load.gateOpen(now);
        if (wanted) {
          listeners.enter();
        } else {
          listeners.leave();
        }
        load.accepting(able);
        boolean recheck = !wanted && service.accepting();
        poller.await(recheck ? Millis.ceiling(load.recheckNanos(now)) : -1);
        int fd = wanted ? acceptAny(now) : -1;
        if (fd >= 0) {
          return begin(fd, activity);
        }
      }
      load.accepting(false);
      int fd = takeBacklog();
      return fd < 0 ? DRAINED : begin(fd, activity);
    } finally {
      idle.decrementAndGet(); // under the lock, so that the next one to get it counts right
      listening.unlock();
    }
  }

  /// A connection was accepted: sees to it that somebody is there for the next one.
  private int begin(int fd, WorkerActivity activity) {
    load.accepted();
    activity.score().countAccepted();
    boolean alone = idle.get() == 1;
    boolean draining = service.draining();
    boolean started = alone && !draining && threads.tryStart();
    load.accepting((started || !alone) && service.accepting() && !draining);
    return fd;
  }

  /// Accepts one of those that nobody else would.
  ///
  /// @return its descriptor, or -1 if there is none left
  private int takeBacklog() {
    if (backlogLeft < 0) {
      boolean perhapsWoken = listeners.listening(); // see Listeners
      listeners.leave();
      int most = perhapsWoken ? listeners.count() : 0;
      backlogLeft = service.takesBacklog() ? Listeners.LONGEST_BACKLOG : most;
    }
    if (backlogLeft == 0 || service.terminate.raised()) {
      return -1;
    }
    int fd = acceptAny(service.nanoTime.getAsLong());
    backlogLeft = fd < 0 ? 0 : backlogLeft - 1;
    return fd;
  }

  /// Tries the listening sockets in turn, so that a busy one does not starve the others.
  private int acceptAny(long now) {
    for (int i = 0; i < listeners.count(); i++) {
      int index = nextListener;
      nextListener = (nextListener + 1) % listeners.count();
      int fd = listeners.accept(index, now);
      if (fd >= 0) {
        return fd;
      }
    }
    return -1;
  }

  private void serve(SocketConnection connection, WorkerBuffers buffers) {
    Wait wait = connection.advance(buffers);
    while (wait != Wait.CLOSED) {
      buffers.activity.waits(wait);
      if (await(connection, wait, buffers)) {
        wait = connection.advance(buffers);
      } else if (service.draining() && connection.idle() && !service.terminate.raised()) {
        wait = connection.beginToLinger();
      } else {
        connection.close();
        return;
      }
    }
  }

  /// Waits on behalf of a connection.
  ///
  /// @return whether to advance it; otherwise its time is over
  private boolean await(SocketConnection connection, Wait wait, WorkerBuffers buffers) {
    if (wait == Wait.RESUME) {
      return awaitResume(connection);
    }
    PollSet set = buffers.waiting;
    boolean watchesDrain = connection.idle() || wait == Wait.LINGER;
    long deadline = connection.deadline();
    while (true) {
      long now = service.nanoTime.getAsLong();
      if (watchesDrain && service.draining()) {
        watchesDrain = false;
        deadline = Limits.inDrain(deadline, now, wait == Wait.LINGER);
      }
      Interruption interruption = watchesDrain ? service.drain : service.terminate;
      long left = deadline - now;
      if (wait == Wait.LINGER) {
        left = Math.min(left, Limits.LINGER_GAP);
      }
      set.set(0, connection.fd(), wait.events);
      set.set(1, interruption.fd(), PollSet.POLLIN);
      int ready = service.os.poll(set, left <= 0 ? 0 : Millis.ceiling(left));
      if (service.terminate.raised()) {
        return false;
      } else if (ready > 0 && set.revents(0) != 0) {
        boolean serve = left > 0 || connection.idle() || wait == Wait.WRITE_COMPLETION;
        return serve || timeOut(connection, wait, buffers);
      } else if (ready == 0) {
        return timeOut(connection, wait, buffers);
      } else if (ready < 0 && ready != -Errno.EINTR) {
        log.error("cannot wait for {}: {}", connection, Errno.message(ready));
        return false;
      }
    }
  }

  private static boolean timeOut(SocketConnection connection, Wait wait, WorkerBuffers buffers) {
    buffers.activity.countTimeout(wait, connection.idle());
    return connection.timeOut();
  }

  private boolean awaitResume(SocketConnection connection) {
    if (!connection.suspend()) {
      return true;
    }
    while (connection.suspended()) {
      if (service.terminate.raised() && connection.reclaim()) {
        return false;
      }
      LockSupport.park(this);
      Thread.interrupted(); // or park would not wait
    }
    return true;
  }
}
