package org.mpm4j.impl.child;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.child.EventConnection.State;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.scoreboard.Parked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listener of the event engine: accepts, waits for every connection that waits, and keeps
/// their timeouts. Never blocks but for events.
final class EventListener {
  /*
   * Overview: a connection that waits stands in the poller and in the wheel. Its worker puts it into the
   * poller once, edge-triggered, and leaves it to the listener without waking it; only the listener takes
   * it back, when its event comes or its time is over.
   *
   * Ownership: everything here but handBack() and park() belongs to the thread that holds the listener's
   * role. park() is called by the worker that owns the connection; once it has given the connection a
   * parked state it must not touch it again. An application that keeps a suspended connection owns it
   * until resume() or reclaim(), of which one wins.
   *
   * Memory ordering: an edge comes once, and may come while a worker has the connection. So the listener
   * changes RUNNING to FIRED, the worker that parks changes RUNNING to the parked state, and of the two
   * changes one fails: either the worker hears of the event, or the listener has the connection. The
   * worker parks when its last read has emptied the socket: whatever comes later is another edge. Where
   * it has not, or nobody heeded the edges meanwhile (SUSPENDED), or the end of the stream may have come
   * with an earlier edge, the worker arms the connection anew, and the kernel reports what is there.
   *
   * Stale events: an event may come for a connection that was taken back on its time, or for another one
   * that was accepted with the same descriptor. It makes the connection ready too early, or has its worker
   * advance once more; an advance with nothing to receive waits again.
   *
   * A closed connection is handed back so that it leaves wheel and table; nobody waits for that, unless
   * the child drains.
   */

  private static final Logger log = LoggerFactory.getLogger(EventListener.class);

  /// How many events are taken from the kernel at once.
  static final int BATCH = 256;

  private static final int ACCEPT_BATCH = 16;
  private static final int HAND_BACK_CHUNK = 1024;

  // how many idle connections are remembered as the oldest: one in so many
  private static final int OLDEST_SHARE = 16;

  /// A connection that waited for its next exchange when it was found.
  private record Idle(EventConnection connection, long deadline) {}

  private final Service service;
  private final EventEngine engine;
  private final ListenerRole role;
  private final ChildLoad load;
  private final EventLimits limits;
  private final Poller poller;
  private final Runnable tellListener;
  private final Queue<EventConnection> ready;
  private final MpscUnboundedVarHandleArrayQueue<EventConnection> handBack =
      new MpscUnboundedVarHandleArrayQueue<>(HAND_BACK_CHUNK);

  // the listener only
  private final Listeners listeners;
  private final TimerWheel wheel;
  private final long recheck;
  private @Nullable EventConnection[] byFd = new @Nullable EventConnection[256];
  private final Deque<Idle> oldest = new ArrayDeque<>();
  private int connections;
  private int exchanges; // since the last accept, while no worker was idle
  private boolean drained;
  private long drainedAt;
  private int backlogLeft;

  EventListener(
      Service service,
      EventEngine engine,
      ListenerRole role,
      ChildLoad load,
      EventLimits limits,
      Poller poller,
      int[] listenFds,
      Queue<EventConnection> ready)
      throws IOException {
    this.service = service;
    this.engine = engine;
    this.role = role;
    this.load = load;
    this.limits = limits;
    this.poller = poller;
    this.tellListener = poller::wakeup;
    this.ready = ready;
    this.listeners = new Listeners(service.os, poller, listenFds);
    this.wheel = new TimerWheel(service.nanoTime.getAsLong());
    this.recheck = service.limits.shortest();
  }

  // ---- any thread ----

  /// Gives a connection that was closed, was resumed, or is to wait for its turn, to the listener.
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
        connection.leaveClosed();
        load.closed();
        handBack(connection);
        if (service.draining()) {
          poller.wakeup();
        }
        yield true;
      }
      case RESUME -> connection.leaveSuspended(load, tellListener);
      case KEEP_ALIVE, REQUEST, WRITE_COMPLETION, LINGER -> arm(connection, wait);
    };
  }

  private boolean arm(EventConnection connection, Wait wait) {
    int result = connection.arm(poller, wait);
    if (result < 0) { // no kernel memory: nothing will ever report it, so it is still ours
      log.error("{} closed: cannot wait for it: {}", connection, Errno.message(result));
      connection.close();
      return park(connection, Wait.CLOSED);
    }
    return connection.leave(State.of(wait), load, tellListener);
  }

  // ---- the listener ----

  /// Waits once for events, and makes ready what is to be served.
  ///
  /// @param buffers of the thread that listens
  /// @return false when the child has drained: there is nothing to listen for any more
  boolean listen(WorkerBuffers buffers) {
    takeHandedBack();
    long now = service.nanoTime.getAsLong();
    if (service.draining()) {
      drain(now);
    }
    for (int due; (due = wheel.poll(now)) != TimerWheel.NONE; ) {
      look(timed(due), now, buffers);
    }
    if (service.draining()) {
      takeBacklog(now, buffers);
      if (connections == 0 && backlogLeft == 0) {
        return false;
      }
    } else {
      updateListening(now);
    }
    limitKeepAlive(buffers);
    int n = poller.await(patience(now));
    for (int i = 0; i < n; i++) {
      try {
        dispatch(poller.data(i), poller.events(i), now, buffers);
      } catch (Throwable e) {
        // an event comes once: those behind it must not be lost with it
        log.error("the listener could not deal with an event", e);
      }
    }
    return true;
  }

  private void dispatch(long data, int events, long now, WorkerBuffers buffers) {
    int index = Listeners.index(data);
    if (index >= 0) {
      accept(index, now, buffers);
      return;
    }
    int fd = (int) data;
    EventConnection connection = fd < byFd.length ? byFd[fd] : null;
    if (connection != null) {
      wake(connection, events, buffers);
    }
  }

  private int patience(long now) {
    if (!ready.isEmpty() && role.available() > 0) {
      return 0;
    }
    long nanos = wheel.untilNext(now);
    if (backlogLeft > 0 || (!listeners.listening() && service.accepting() && !drained)) {
      nanos = Math.min(nanos, load.recheckNanos(now));
    }
    return nanos == Long.MAX_VALUE ? -1 : Millis.ceiling(nanos);
  }

  private void updateListening(long now) {
    role.waitForIdleWorker(true); // before admits()
    boolean willing = service.accepting() && !listeners.starved(now);
    boolean able = willing && admits();
    if (able) {
      role.waitForIdleWorker(false);
      exchanges = 0;
    }
    if (able ? load.gateOpen(now) : willing && admitsInTurn()) {
      listeners.enter();
    } else {
      listeners.leave();
    }
    load.accepting(able);
  }

  private boolean admits() {
    int idle = ready.isEmpty() ? role.available() : 0;
    return limits.admission().admits(idle, active(connections, load));
  }

  private boolean admitsInTurn() {
    return limits.admission().admitsInTurn(exchanges, active(connections, load))
        && !load.siblingAccepts();
  }

  /// How many of so many connections neither linger nor wait for their next exchange. A connection
  /// may pass from keep-alive to lingering meanwhile, never back: in this order none is left out
  /// twice.
  static int active(int connections, ChildLoad load) {
    return connections - load.parked(Parked.CLOSING) - load.parked(Parked.KEEP_ALIVE);
  }

  private void accept(int index, long now, WorkerBuffers buffers) {
    int most = Math.min(ACCEPT_BATCH, Math.max(1, role.available()));
    int i = 0;
    do { // once at least: see Listeners
      int fd = listeners.accept(index, now);
      if (fd < 0) {
        return;
      }
      adopt(index, fd, now, buffers);
      i++;
    } while (i < most && !service.draining() && load.gateOpen(now));
  }

  private void adopt(int index, int fd, long now, WorkerBuffers buffers) {
    EventConnection connection =
        new EventConnection(service, engine, fd, listeners.shortReadsEmpty(index));
    if (fd >= byFd.length) {
      byFd = Arrays.copyOf(byFd, Math.max(fd + 1, byFd.length * 2));
    }
    wheel.remove(fd); // of a closed one that is about to be handed back
    byFd[fd] = connection;
    connections++;
    exchanges = 0;
    wheel.add(fd, now + recheck);
    ready.add(connection);
    load.accepted();
    buffers.activity.score().countAccepted();
  }

  /// An event has come for a connection.
  private void wake(EventConnection connection, int events, WorkerBuffers buffers) {
    State parked = connection.takeForEvent(events, load);
    if (parked == State.LINGER) {
      while (!park(connection, connection.advance(buffers))) {}
    } else if (parked != null) {
      exchanges++;
      ready.add(connection);
    }
  }

  private void takeHandedBack() {
    for (EventConnection c; (c = handBack.poll()) != null; ) {
      if (c.state() == State.CLOSED) {
        forget(c);
      } else {
        c.takeBack(load);
        ready.add(c);
      }
    }
  }

  /// The wheel says that it may be time, and has taken the connection out.
  private void look(EventConnection connection, long now, WorkerBuffers buffers) {
    State state = connection.state();
    if (state == State.CLOSED) {
      return; // handed back in a moment
    }
    long left = state.parked() ? deadline(connection, state) - now : recheck;
    if (left > 0) {
      wheel.add(connection.fd(), now + Math.min(left, recheck));
      return;
    }
    boolean idle = connection.idle();
    boolean late = !idle || !hasSentMore(connection);
    if (late) {
      buffers.activity.countTimeout(state.wait, idle);
    }
    if (!late || connection.timeOut()) {
      wheel.add(connection.fd(), now + recheck);
      connection.takeBack(load); // its event may still come: see above
      ready.add(connection);
    } else if (idle && drained) {
      wheel.add(connection.fd(), now + recheck);
      connection.takeBack(load);
      park(connection, connection.beginToLinger());
    } else {
      closeParked(connection);
    }
  }

  /// When the wait of a parked connection is over, which the drain may bring forward.
  private long deadline(EventConnection connection, State state) {
    long deadline = connection.deadline();
    if (!drained || !(connection.idle() || state == State.LINGER)) {
      return deadline;
    }
    long since = connection.waitingSince();
    long from = since - drainedAt < 0 ? drainedAt : since;
    return Limits.inDrain(deadline, from, state == State.LINGER);
  }

  private boolean hasSentMore(EventConnection connection) {
    return service.os.recvPeek(connection.fd()) == 1;
  }

  private void closeParked(EventConnection connection) {
    connection.takeBack(load);
    closeOwned(connection);
  }

  private void closeOwned(EventConnection connection) {
    connection.leaveClosed();
    connection.close();
    load.closed();
    forget(connection);
  }

  private void forget(EventConnection connection) {
    int fd = connection.fd();
    if (byFd[fd] == connection) {
      wheel.remove(fd);
      byFd[fd] = null;
    }
    connections--;
  }

  /// The connection that the wheel knows by its descriptor.
  private EventConnection timed(int fd) {
    return Objects.requireNonNull(byFd[fd], "what is in the wheel is in the table");
  }

  /// Closes the connections that have waited longest for their next exchange while there are too
  /// many of them.
  private void limitKeepAlive(WorkerBuffers buffers) {
    int surplus = load.parked(Parked.KEEP_ALIVE) - limits.maxKeepAliveConnections();
    while (surplus > 0) {
      if (oldest.isEmpty()) {
        findOldest(surplus);
      }
      Idle candidate = oldest.poll();
      if (candidate == null) {
        return; // those that are counted are not parked yet
      }
      EventConnection connection = candidate.connection;
      if (connection.state() == State.KEEP_ALIVE
          && connection.deadline() == candidate.deadline
          && !hasSentMore(connection)) {
        closeParked(connection);
        buffers.activity.score().countRejected();
        surplus--;
      }
    }
  }

  /// Looks at all connections, so it prepares for more than what is asked for now.
  private void findOldest(int surplus) {
    List<Idle> waiting = new ArrayList<>();
    wheel.forEach(fd -> {
      EventConnection connection = timed(fd);
      if (connection.state() == State.KEEP_ALIVE && !hasSentMore(connection)) {
        waiting.add(new Idle(connection, connection.deadline()));
      }
      return true;
    });
    waiting.sort((a, b) -> Long.signum(a.deadline - b.deadline)); // nanoTime may wrap around
    int most = Math.min(waiting.size(), surplus + waiting.size() / OLDEST_SHARE);
    oldest.addAll(waiting.subList(0, most));
  }

  /// Stops accepting, and lets those that wait go when their grace is over.
  private void drain(long now) {
    if (!drained) {
      drained = true;
      drainedAt = now;
      boolean perhapsWoken = listeners.listening();
      listeners.leave();
      if (service.takesBacklog()) {
        backlogLeft = Listeners.LONGEST_BACKLOG;
      } else if (perhapsWoken) { // see Listeners
        backlogLeft = listeners.count();
      }
      load.accepting(false);
    }
    if (service.terminate.raised()) {
      backlogLeft = 0;
      wheel.forEach(fd -> {
        EventConnection connection = timed(fd);
        if (connection.takeToTerminate(load)) {
          closeOwned(connection);
        }
        return true;
      });
    }
  }

  /// Accepts what nobody else would, as admission allows: siblings that drain as well share it.
  private void takeBacklog(long now, WorkerBuffers buffers) {
    role.waitForIdleWorker(backlogLeft > 0); // before admits()
    while (backlogLeft > 0 && (admits() || admitsInTurn()) && !listeners.starved(now)) {
      boolean found = false;
      for (int i = 0; i < listeners.count() && backlogLeft > 0; i++) {
        int fd = listeners.accept(i, now);
        if (fd >= 0) {
          adopt(i, fd, now, buffers);
          backlogLeft--;
          found = true;
        }
      }
      if (!found && !listeners.starved(now)) {
        backlogLeft = 0;
      }
    }
  }
}
