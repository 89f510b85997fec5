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
    return terminated.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void resumed(SocketConnection connection) {
    // its thread is parked in await, one of these: a spurious unpark costs the others a look
    threads.forEach(LockSupport::unpark);
  }

  private void run() {
    try (WorkerBuffers buffers = new WorkerBuffers()) {
      for (int fd; (fd = accept()) >= 0; ) {
        serve(new SocketConnection(service, this, fd), buffers);
        load.closed();
      }
    } catch (Throwable e) {
      log.error("{} ended: the child has one worker less", Thread.currentThread().getName(), e);
    } finally {
      if (running.decrementAndGet() == 0) {
        poller.close();
        terminated.countDown();
      }
    }
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
      return perhapsWoken ? acceptAny(service.nanoTime.getAsLong()) : -1; // see Listeners
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
    Interruption interruption = endsWithDrain ? service.drain : service.terminate;
    while (true) {
      long left = connection.deadline() - service.nanoTime.getAsLong();
      set.set(0, connection.fd(), wait.events);
      set.set(1, interruption.fd(), PollSet.POLLIN);
      int ready = left <= 0 ? 0 : service.os.poll(set, Millis.ceiling(left));
      if (ready > 0 && set.revents(0) != 0) {
        return true;
      } else if (interruption.raised()) {
        return false;
      } else if (ready == 0 && left <= 0) {
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
      if (service.terminate.raised()) {
        return false;
      }
      LockSupport.park(this);
      if (Thread.interrupted() && service.terminate.raised()) {
        return false;
      }
    }
    return true;
  }
}
