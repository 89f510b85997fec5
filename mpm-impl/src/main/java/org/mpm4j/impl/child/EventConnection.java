package org.mpm4j.impl.child;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.scoreboard.Parked;

/// A connection as the event engine keeps it: one object for each, also while it is idle.
final class EventConnection extends SocketConnection {
  /// Who owns the connection, and what it waits for.
  ///
  /// ```
  ///            accept                            served
  /// (listener) ──────► RUNNING (ready queue, worker) ──► KEEP_ALIVE, REQUEST, WRITE, LINGER (listener)
  ///                      ▲  │  ▲                             │        │
  ///                      │  │  └──── ready or timed out ─────┘        │ end of stream, timed out
  ///              resume  │  ├──► SUSPENDED (application)              ▼
  ///                      └──┼───────┘                                CLOSED
  ///                         └──────────────────────────────────────────▲
  /// ```
  ///
  /// Only the listener takes a connection out of a parked state; only its worker takes it out of
  /// `RUNNING`, but for an event that comes then: it makes it `FIRED`, and the worker, which still
  /// owns it, goes on instead of parking it.
  enum State {
    RUNNING(Wait.CLOSED),
    FIRED(Wait.CLOSED),
    SUSPENDED(Wait.RESUME),
    KEEP_ALIVE(Wait.KEEP_ALIVE),
    REQUEST(Wait.REQUEST),
    WRITE_COMPLETION(Wait.WRITE_COMPLETION),
    LINGER(Wait.LINGER),
    CLOSED(Wait.CLOSED);

    /// What it waits for; `CLOSED` if for nothing.
    final Wait wait;

    State(Wait wait) {
      this.wait = wait;
    }

    boolean parked() {
      return compareTo(KEEP_ALIVE) >= 0 && this != CLOSED;
    }

    static State of(Wait wait) {
      return switch (wait) {
        case KEEP_ALIVE -> KEEP_ALIVE;
        case REQUEST -> REQUEST;
        case WRITE_COMPLETION -> WRITE_COMPLETION;
        case LINGER -> LINGER;
        case RESUME -> SUSPENDED;
        case CLOSED -> CLOSED;
      };
    }
  }

  // the end of the stream may come with the last bytes: there is no edge for it once they are read
  private static final int HANG_UP = Poller.EPOLLRDHUP | Poller.EPOLLHUP | Poller.EPOLLERR;

  private static final VarHandle STATE =
      ConstantBootstraps.fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, EventConnection.class, State.class);

  // written by the owner when it gives the connection away, read by the listener: the
  // happens-before edge for every plain field
  private volatile State state = State.RUNNING;

  // the owner only
  private final boolean shortReadsEmpty;
  private boolean registered;
  private boolean edgeTriggered;

  // written by the listener, which owns it or is about to make it FIRED; never false again
  private volatile boolean hungUp;

  /// @param shortReadsEmpty whether a read that returns less than there was room for has emptied
  ///   the socket: it has for TCP, while a Unix-domain socket stops at a message that carries
  ///   descriptors
  EventConnection(Service service, Engine engine, int fd, boolean shortReadsEmpty) {
    super(service, engine, fd);
    this.shortReadsEmpty = shortReadsEmpty;
  }

  State state() {
    return state;
  }

  // ---- the worker that owns it ----

  /// Has the poller report what it waits for next, if it would not anyway. What is there already is
  /// reported too.
  ///
  /// @return 0 or a negated errno
  int arm(Poller poller, Wait wait) {
    boolean reads = wait.events == Poller.EPOLLIN;
    if (reads && edgeTriggered && emptied() && !hungUp) {
      return 0; // whatever comes from now on is an edge
    }
    int how = reads ? Poller.EPOLLRDHUP | Poller.EPOLLET : Poller.EPOLLONESHOT;
    int events = wait.events | how;
    boolean known = registered;
    registered = true;
    edgeTriggered = reads && shortReadsEmpty;
    return known ? poller.modify(fd(), events, fd()) : poller.add(fd(), events, fd());
  }

  /// It is armed: leaves it to the listener.
  ///
  /// @param tellListener run if the listener may have looked at it for the last time
  /// @return false if an event has come meanwhile: the worker still owns it
  boolean leave(State parked, ChildLoad load, Runnable tellListener) {
    count(parked, load, 1); // before the listener can have it, so that no count falls below zero
    if (!STATE.compareAndSet(this, State.RUNNING, parked)) {
      count(parked, load, -1);
      state = State.RUNNING;
      return false;
    }
    tellIfTerminated(tellListener);
    return true;
  }

  /// Leaves it to the application, until it resumes it.
  ///
  /// @param tellListener run if the listener may have looked at it for the last time
  /// @return false if it has been resumed already: the worker still owns it
  boolean leaveSuspended(ChildLoad load, Runnable tellListener) {
    edgeTriggered = false; // nobody heeds the edges until it is armed again
    state = State.SUSPENDED;
    count(State.SUSPENDED, load, 1);
    if (!suspend()) {
      count(State.SUSPENDED, load, -1);
      state = State.RUNNING;
      return false;
    }
    tellIfTerminated(tellListener);
    return true;
  }

  private void tellIfTerminated(Runnable tellListener) {
    if (service.terminate.raised()) {
      tellListener.run();
    }
  }

  /// It is closed. The worker, or the listener if it owns it.
  void leaveClosed() {
    state = State.CLOSED;
  }

  // ---- the listener ----

  /// An event has come for it: takes it back if it is parked, and tells its worker if that has it.
  ///
  /// @param events what the poller reports
  /// @return how it was parked; null if it is not the listener's
  @Nullable State takeForEvent(int events, ChildLoad load) {
    if ((events & HANG_UP) != 0) {
      hungUp = true;
    }
    while (true) {
      State seen = state;
      if (seen.parked()) {
        takeBack(load);
        return seen;
      }
      if (seen != State.RUNNING || STATE.compareAndSet(this, State.RUNNING, State.FIRED)) {
        return null; // stale, or its worker goes on
      }
    }
  }

  /// Takes it from a parked state, or from an application that has resumed it or lost it.
  void takeBack(ChildLoad load) {
    count(state, load, -1);
    state = State.RUNNING;
  }

  /// Takes it back if terminating may close it.
  boolean takeToTerminate(ChildLoad load) {
    State seen = state;
    if (seen.parked() || (seen == State.SUSPENDED && reclaim())) {
      takeBack(load);
      return true;
    }
    return false;
  }

  private static void count(State parked, ChildLoad load, int change) {
    Parked how = parked.wait.parked;
    if (how != null) {
      load.park(how, change);
    }
  }
}
