package org.mpm4j.impl.child;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

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

  void state(State value) {
    state = value;
  }

  boolean changeState(State from, State to) {
    return STATE.compareAndSet(this, from, to);
  }
}
