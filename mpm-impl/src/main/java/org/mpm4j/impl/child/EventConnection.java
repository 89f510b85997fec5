package org.mpm4j.impl.child;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
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
  /// `RUNNING`. While the worker arms it in the poller it is `ARMING`: an event that comes then
  /// makes it `FIRED`, and the worker, which still owns it, goes on.
  enum State {
    RUNNING(Wait.CLOSED),
    ARMING(Wait.CLOSED),
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

  private static final VarHandle STATE =
      ConstantBootstraps.fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, EventConnection.class, State.class);

  // written by the owner when it gives the connection away, read by the listener: the
  // happens-before edge for every plain field
  private volatile State state = State.RUNNING;

  // the owner only
  boolean registered;

  // the listener only: links of TimerWheel
  @Nullable EventConnection previousTimer;
  @Nullable EventConnection nextTimer;
  int timerSlot = TimerWheel.NONE;

  EventConnection(Service service, Engine engine, int fd) {
    super(service, engine, fd);
  }

  State state() {
    return state;
  }

  // ---- the worker that owns it ----

  /// It is about to be armed in the poller.
  void beginToArm() {
    state = State.ARMING;
  }

  /// It is armed: leaves it to the listener.
  ///
  /// @param tellListener run if the listener may have looked at it for the last time
  /// @return false if its event has come already: the worker still owns it
  boolean leave(State parked, ChildLoad load, Runnable tellListener) {
    count(parked, load, 1); // before the listener can have it, so that no count falls below zero
    if (!STATE.compareAndSet(this, State.ARMING, parked)) {
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

  /// An event has come for it: takes it back if it is parked, and tells its worker if it is just
  /// being armed.
  ///
  /// @return how it was parked; null if it is not the listener's
  @Nullable State takeForEvent(ChildLoad load) {
    while (true) {
      State seen = state;
      if (seen.parked()) {
        takeBack(load);
        return seen;
      }
      if (seen != State.ARMING || STATE.compareAndSet(this, State.ARMING, State.FIRED)) {
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
