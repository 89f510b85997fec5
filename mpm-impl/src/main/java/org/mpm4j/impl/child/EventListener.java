package org.mpm4j.impl.child;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.child.EventConnection.State;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Poller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listener of the event engine: accepts, waits for every connection that waits, and keeps
/// their timeouts. Never blocks but for events.
final class EventListener {
  /*
   * Overview: a connection that waits is armed in the poller (one-shot) and stands in the wheel. Its
   * worker arms it, with one system call and without waking the listener; only the listener takes it
   * back, when its event comes or its time is over, so of the two exactly one happens.
   *
   * Ownership: everything here but handBack(), park() and waitsForIdleWorker() belongs to the thread
   * that holds the listener's role. park() is called by the worker that owns the connection; after it
   * has armed the connection it must not touch it again.
   *
   * Memory ordering: park() writes the connection's plain fields, then its volatile state, then arms it.
   * The listener reads the state before it looks at anything else of the connection. That it reads the
   * state written before the arming follows from the kernel's lock on the epoll set, or, for a timeout,
   * does not matter: a state that is still RUNNING means "look again later".
   *
   * A closed connection is handed back so that it leaves wheel and table; nobody waits for that, unless
   * the child drains.
   */

  private static final Logger log = LoggerFactory.getLogger(EventListener.class);

  /// How many events are taken from the kernel at once.
  static final int BATCH = 256;

  private static final int ACCEPT_BATCH = 16;
  private static final int HAND_BACK_CHUNK = 1024;

  private final Service service;
  private final EventEngine engine;
  private final ChildLoad load;
  private final EventLimits limits;
  private final Poller poller;
  private final Queue<EventConnection> ready;
  private final IdleWorkers idle;
  private final MpscUnboundedVarHandleArrayQueue<EventConnection> handBack =
      new MpscUnboundedVarHandleArrayQueue<>(HAND_BACK_CHUNK);

  // the listener only
  private final Listeners listeners;
  private final TimerWheel wheel;
  private final long recheck;
  private @Nullable EventConnection[] byFd = new @Nullable EventConnection[256];
  private int connections;
  private int lingering;
  private boolean drained;

  // any thread: connections in state KEEP_ALIVE
  private final AtomicInteger keepAlive = new AtomicInteger();

  // written by the listener, read by workers that become idle
  private volatile boolean waitsForIdleWorker;

  EventListener(
      Service service,
      EventEngine engine,
      ChildLoad load,
      EventLimits limits,
      Poller poller,
      int[] listenFds,
      Queue<EventConnection> ready,
      IdleWorkers idle) {
    this.service = service;
    this.engine = engine;
    this.load = load;
    this.limits = limits;
    this.poller = poller;
    this.ready = ready;
    this.idle = idle;
    this.listeners = new Listeners(service.os, poller, listenFds);
    this.wheel = new TimerWheel(service.nanoTime.getAsLong());
    this.recheck = service.limits.shortest();
  }

  // ---- any thread ----

  /// Whether the listener must be told when a worker becomes idle.
  boolean waitsForIdleWorker() {
    return waitsForIdleWorker;
  }

  /// Gives a connection that was closed, or resumed, to the listener.
  void handBack(EventConnection connection) {
    handBack.offer(connection);
  }

  // ---- the worker that owns the connection ----

  /// Leaves the connection to the listener until what it waits for comes.
  ///
  /// @return false if it has come already: the worker still owns the connection
  boolean park(EventConnection connection, Wait wait) {
    return switch (wait) {
      case CLOSED -> {
        connection.state(State.CLOSED);
        load.closed();
        handBack(connection);
        if (service.draining()) {
          poller.wakeup();
        }
        yield true;
      }
      case RESUME -> {
        connection.state(State.SUSPENDED);
        yield connection.suspend();
      }
      case KEEP_ALIVE -> {
        keepAlive.incrementAndGet();
        yield arm(connection, wait);
      }
      case REQUEST, WRITE_COMPLETION, LINGER -> arm(connection, wait);
    };
  }

  private boolean arm(EventConnection connection, Wait wait) {
    int fd = connection.fd();
    boolean registered = connection.registered;
    connection.registered = true;
    connection.state(State.of(wait));
    int events = wait.events | Poller.EPOLLONESHOT;
    int result = registered ? poller.modify(fd, events, fd) : poller.add(fd, events, fd);
    if (result < 0) { // no kernel memory: nothing will ever report it, so it is still ours
      log.error("{} closed: cannot wait for it: {}", connection, Errno.message(result));
      if (wait == Wait.KEEP_ALIVE) {
        keepAlive.decrementAndGet();
      }
      connection.state(State.CLOSED);
      connection.close();
      load.closed();
      handBack(connection);
    } else if (service.draining()) {
      poller.wakeup(); // it may be idle now, and the listener may have looked before
    }
    return true;
  }

  // ---- the listener ----

  /// Waits once for events, and makes ready what is to be served.
  ///
  /// @param buffers of the thread that listens
  /// @return false when the child has drained: there is nothing to listen for any more
  boolean listen(WorkerBuffers buffers) {
    takeHandedBack();
    long now = service.nanoTime.getAsLong();
    wheel.advance(now, connection -> look(connection, now));
    if (service.draining()) {
      drainIdle(now);
      if (connections == 0) {
        return false;
      }
    } else {
      updateListening(now);
    }
    limitKeepAlive();
    int n = poller.await(patience(now));
    for (int i = 0; i < n; i++) {
      int index = Listeners.index(poller.data(i));
      if (index >= 0) {
        accept(index, now);
      } else {
        wake(byFd[(int) poller.data(i)], buffers);
      }
    }
    return true;
  }

  private int patience(long now) {
    if (!ready.isEmpty() && idle.count() > 0) {
      return 0;
    }
    long nanos = wheel.untilNext(now);
    if (!listeners.listening() && !service.draining()) {
      nanos = Math.min(nanos, AcceptGate.RECHECK_NANOS);
    }
    return nanos == Long.MAX_VALUE ? -1 : Millis.ceiling(nanos);
  }

  private void updateListening(long now) {
    waitsForIdleWorker = true; // before the look at `idle`: see EventEngine.awaitWork
    int idleWorkers = ready.isEmpty() ? idle.count() : 0;
    int active = connections - lingering - keepAlive.get();
    boolean wanted =
        limits.admission().admits(idleWorkers, active)
            && load.gateOpen()
            && !listeners.starved(now);
    if (wanted) {
      waitsForIdleWorker = false;
      listeners.enter();
    } else {
      listeners.leave();
    }
    load.accepting(wanted);
  }

  private void accept(int index, long now) {
    int most = Math.min(ACCEPT_BATCH, Math.max(1, idle.count()));
    for (int i = 0; i < most && !service.draining(); i++) {
      int fd = listeners.accept(index, now);
      if (fd < 0) {
        return;
      }
      adopt(fd, now);
    }
  }

  private void adopt(int fd, long now) {
    EventConnection connection = new EventConnection(service, engine, fd);
    if (fd >= byFd.length) {
      byFd = Arrays.copyOf(byFd, Math.max(fd + 1, byFd.length * 2));
    }
    byFd[fd] = connection;
    connections++;
    wheel.add(connection, now + recheck);
    ready.add(connection);
    if (load.accepted()) {
      service.drain.raise();
    }
  }

  /// An event has come for a parked connection.
  private void wake(@Nullable EventConnection connection, WorkerBuffers buffers) {
    if (connection == null) {
      return;
    }
    switch (connection.state()) {
      case LINGER -> {
        if (connection.advance(buffers) == Wait.CLOSED) {
          forgetLingering(connection);
        } else {
          arm(connection, Wait.LINGER);
        }
      }
      case KEEP_ALIVE -> {
        keepAlive.decrementAndGet();
        makeReady(connection);
      }
      case REQUEST, WRITE_COMPLETION -> makeReady(connection);
      case RUNNING, SUSPENDED, CLOSED ->
          throw new AssertionError(connection + " has an event but is " + connection.state());
    }
  }

  private void makeReady(EventConnection connection) {
    connection.state(State.RUNNING);
    ready.add(connection);
  }

  private void takeHandedBack() {
    for (EventConnection c; (c = handBack.poll()) != null; ) {
      if (c.state() == State.CLOSED) {
        forget(c);
      } else {
        makeReady(c); // resumed
      }
    }
  }

  /// The wheel says that it may be time.
  private void look(EventConnection connection, long now) {
    State state = connection.state();
    long left = connection.deadline() - now;
    if (state == State.CLOSED) {
      return; // handed back in a moment
    } else if (!state.parked() || left > 0) {
      wheel.add(connection, now + (state.parked() ? Math.min(left, recheck) : recheck));
    } else if (state == State.KEEP_ALIVE && hasSentMore(connection)) {
      wheel.add(connection, now + recheck); // its event is on the way
    } else if (connection.timeOut()) {
      wheel.add(connection, now + recheck);
      makeReady(connection); // disarming is not needed: only one event can come, and it is ignored…
    } else {
      closeParked(connection);
    }
  }

  private boolean hasSentMore(EventConnection connection) {
    return service.os.recvPeek(connection.fd()) == 1;
  }

  private void closeParked(EventConnection connection) {
    if (connection.state() == State.KEEP_ALIVE) {
      keepAlive.decrementAndGet();
    }
    connection.state(State.CLOSED);
    connection.close();
    load.closed();
    forget(connection);
  }

  private void forgetLingering(EventConnection connection) {
    connection.state(State.CLOSED);
    load.closed();
    forget(connection);
  }

  private void forget(EventConnection connection) {
    wheel.remove(connection);
    if (byFd[connection.fd()] == connection) {
      byFd[connection.fd()] = null;
    }
    connections--;
  }

  /// Closes the connections that have waited longest for their next exchange while there are too
  /// many of them.
  private void limitKeepAlive() {
    int surplus = keepAlive.get() - limits.maxKeepAliveConnections();
    if (surplus <= 0) {
      return;
    }
    int[] left = {surplus};
    wheel.forEach(connection -> {
      if (connection.state() == State.KEEP_ALIVE && !hasSentMore(connection)) {
        closeParked(connection);
        left[0]--;
      }
      return left[0] > 0;
    });
  }

  /// Stops accepting, and closes what has nothing to finish.
  private void drainIdle(long now) {
    if (!drained) {
      drained = true;
      load.accepting(false);
      boolean perhapsWoken = listeners.listening();
      listeners.leave();
      for (int i = 0; perhapsWoken && i < listeners.count(); i++) { // see Listeners
        int fd = listeners.accept(i, now);
        if (fd >= 0) {
          adopt(fd, now);
        }
      }
    }
    wheel.forEach(connection -> {
      State state = connection.state();
      boolean idleNow = state == State.KEEP_ALIVE || (state == State.REQUEST && connection.idle());
      if (service.terminate.raised() ? state.parked() : idleNow && !hasSentMore(connection)) {
        closeParked(connection);
      }
      return true;
    });
  }

  /// Ends what is left, which is nothing unless threads have failed.
  void close() {
    takeHandedBack();
  }
}
