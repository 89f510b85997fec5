package org.mpm4j.impl.child;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Poller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Prefork and worker: a thread accepts a connection and keeps it until it ends.
///
/// Prefork is this engine with one thread.
final class BlockingEngine implements Engine {
  /*
   * Overview: the idle threads queue for `listening`; whoever holds it waits for a connection, accepts
   * one, releases the lock and serves it. So a connection is accepted only by the worker that is
   * reserved for it, and there is nothing to hand over.
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

  private final Service service;
  private final ChildLoad load;
  private final Poller poller;
  private final Listeners listeners;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock listening = new ReentrantLock();
  private final AtomicInteger running;
  private final CountDownLatch terminated = new CountDownLatch(1);

  // the holder of `listening`
  private int nextListener;

  BlockingEngine(Service service, ChildLoad load, int[] listenFds, int workers, String name)
      throws IOException {
    this.service = service;
    this.load = load;
    this.poller = Poller.open(service.os, Math.max(8, listenFds.length));
    this.listeners = new Listeners(service.os, poller, listenFds);
    this.running = new AtomicInteger(workers);
    for (int i = 0; i < workers; i++) {
      threads.add(Thread.ofPlatform().name("mpm-" + name + "-" + i).unstarted(this::run));
    }
  }

  @Override
  public void start() {
    threads.forEach(Thread::start);
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
    threads.forEach(Thread::interrupt);
  }

  @Override
  public boolean awaitTermination(long nanos) throws InterruptedException {
    if (!terminated.await(nanos, TimeUnit.NANOSECONDS)) {
      return false;
    }
    for (Thread thread : threads) {
      thread.join(); // it has nothing more to do
    }
    return true;
  }

  @Override
  public boolean crowded(WorkerBuffers lent) {
    if (listening.isLocked() || !listeners.pending(lent.waiting)) {
      return false;
    }
    return !load.siblingAccepts();
  }

  @Override
  public void resumed(SocketConnection connection) {
    // its thread is parked in await, one of these: a spurious unpark costs the others a look
    threads.forEach(LockSupport::unpark);
  }

  private void run() {
    try (WorkerBuffers buffers = new WorkerBuffers(listeners.count())) {
      while (acceptAndServe(buffers)) {}
    } catch (Throwable e) {
      log.error("{} ended: the child has one worker less", Thread.currentThread().getName(), e);
    } finally {
      if (running.decrementAndGet() == 0) {
        poller.close();
        terminated.countDown();
      }
    }
  }

  /// Serves one connection, whatever happens: a child has no other threads.
  ///
  /// @return false when the child drains
  private boolean acceptAndServe(WorkerBuffers buffers) {
    try {
      int fd = accept();
      if (fd < 0) {
        return false;
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
    return true;
  }

  /// Waits for a connection.
  ///
  /// @return its descriptor, or -1 when the child drains
  private int accept() {
    listening.lock();
    try {
      while (!service.draining()) {
        long now = service.nanoTime.getAsLong();
        boolean wanted = load.gateOpen() && !listeners.starved(now);
        if (wanted) {
          listeners.enter();
        } else {
          listeners.leave();
        }
        load.accepting(wanted);
        poller.await(wanted ? -1 : Millis.ceiling(AcceptGate.RECHECK_NANOS));
        int fd = wanted ? acceptAny(now) : -1;
        if (fd >= 0) {
          if (load.accepted()) {
            drain();
          }
          load.accepting(listening.hasQueuedThreads());
          return fd;
        }
      }
      load.accepting(false);
      boolean perhapsWoken = listeners.listening();
      listeners.leave();
      int fd = perhapsWoken ? acceptAny(service.nanoTime.getAsLong()) : -1; // see Listeners
      if (fd >= 0) {
        load.accepted();
      }
      return fd;
    } finally {
      listening.unlock();
    }
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
    for (Wait wait; (wait = connection.advance(buffers)) != Wait.CLOSED; ) {
      if (!await(connection, wait, buffers)) {
        connection.close();
        return;
      }
    }
  }

  /// Waits on behalf of a connection.
  ///
  /// @return whether to advance it; otherwise it is to be closed
  private boolean await(SocketConnection connection, Wait wait, WorkerBuffers buffers) {
    if (wait == Wait.RESUME) {
      return awaitResume(connection);
    }
    PollSet set = buffers.waiting;
    boolean endsWithDrain = wait == Wait.KEEP_ALIVE || connection.idle();
    long deadline = connection.deadline();
    while (true) {
      long now = service.nanoTime.getAsLong();
      if (endsWithDrain && service.draining()) {
        endsWithDrain = false;
        long grace = connection.exchanges() > 0 ? 0 : Limits.NEW_CONNECTION_GRACE;
        deadline = Math.min(deadline - now, grace) + now;
      }
      Interruption interruption = endsWithDrain ? service.drain : service.terminate;
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
        return serve || connection.timeOut();
      } else if (ready == 0) {
        return connection.timeOut();
      } else if (ready < 0 && ready != -Errno.EINTR) {
        log.error("cannot wait for {}: {}", connection, Errno.message(ready));
        return false;
      }
    }
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
