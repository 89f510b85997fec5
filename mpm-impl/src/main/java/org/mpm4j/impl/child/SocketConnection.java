package org.mpm4j.impl.child;

import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Disposition;
import org.mpm4j.impl.child.Exchange.Next;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;

/// One accepted connection, and the state machine of its exchanges.
///
/// An engine calls [#advance] with a worker's buffers when what the connection waits for has come,
/// and is told what it waits for next. `advance` never blocks, unless the handler does.
sealed class SocketConnection extends SocketStream permits EventConnection {
  /*
   * Overview: `Exchange.next` says what the next advance begins with: RECEIVE after a complete exchange,
   * which leaves no Exchange behind.
   *
   *   ACCEPTED ─► handler.accepted ─┐
   *   RECEIVE  ─► recv ─► handle ───┼─► Disposition ─► send what was written ─► settle
   *   RESUMED  ─────────► handle ───┤        ▲                │ kernel full        │
   *   SEND     ─► send the rest ────┴────────┘◄─── SEND ◄─────┘                    │
   *   LINGER   ─► read and drop until the client's end of stream ◄── CLOSE ────────┘
   *
   * Ownership: one party at a time, and all fields but `suspension` are plain. Ownership moves with a
   * happens-before edge: from the listener to a worker through the ready queue, from a worker to the
   * listener through `EventConnection.state`, and in the blocking engine it never leaves its thread.
   * `suspension` decides between a worker that suspends and whoever resumes: the later one of the two
   * sees the other's write and makes the connection ready.
   *
   * Shutdown: close() runs once, by the owner, as the last thing of the advance that returns CLOSED, or
   * by the listener for a connection that it owns.
   */

  // suspension: RUNNING → SUSPENDED → RUNNING (resumed later), RUNNING → RESUMED → RUNNING (resumed
  // before the handler returned), or SUSPENDED → ENDED (cut off meanwhile)
  private static final byte RUNNING = 0;
  private static final byte SUSPENDED = 1;
  private static final byte RESUMED = 2;
  private static final byte ENDED = 3;

  private static final VarHandle SUSPENSION =
      ConstantBootstraps.fieldVarHandle(
          MethodHandles.lookup(),
          "suspension",
          VarHandle.class,
          SocketConnection.class,
          byte.class);

  private final Engine engine;

  // the owner only
  private int exchanges;
  private long deadline;

  // the worker that suspends and the thread that resumes
  private volatile byte suspension = RUNNING;

  SocketConnection(Service service, Engine engine, int fd) {
    super(service, fd);
    this.engine = engine;
  }

  /// When the wait that the last advance returned is over, in the service's nanoseconds.
  long deadline() {
    return deadline;
  }

  /// When that wait began.
  long waitingSince() {
    Exchange current = exchangeOrNull();
    return current == null ? deadline - service.limits.keepAliveTimeout() : current.waitingSince;
  }

  /// Whether the client has sent nothing of an exchange since the last one, or ever.
  boolean idle() {
    Exchange current = exchangeOrNull();
    return current == null ? exchanges > 0 : current.next == Next.RECEIVE && !current.begun;
  }

  @Override
  public int exchanges() {
    return exchanges;
  }

  @Override
  public boolean mayKeepAlive() {
    boolean kept = keepsAlive() && !engine.crowded(lent());
    exchange().keepPromised = kept;
    return kept;
  }

  private boolean keepsAlive() {
    int most = service.limits.maxKeepAliveRequests();
    return service.limits.keepAlive() && (most == 0 || exchanges + 1 < most) && !service.draining();
  }

  // ---- the state machine; the owner only ----

  /// Does everything that can be done without waiting.
  ///
  /// @return what to wait for
  Wait advance(WorkerBuffers lent) {
    Wait wait = Wait.CLOSED;
    lent.activity.begin(this);
    try {
      lend(lent, exchanges == 0 ? Next.ACCEPTED : Next.RECEIVE);
      wait = service.terminate.raised() ? Wait.CLOSED : step();
      if (wait != Wait.CLOSED && wait != Wait.LINGER) {
        save();
      }
    } catch (Throwable e) {
      IOException loss = loss();
      if (loss != null && !(e instanceof Error)) {
        service.lost(this, loss); // whatever the handler made of it
      } else {
        service.failed(this, e);
      }
      wait = Wait.CLOSED;
    } finally {
      var _ = endSocket();
      lent.activity.end(endOfRun(wait));
      takeBack();
    }
    if (wait == Wait.CLOSED) {
      close();
    }
    if (wait == Wait.CLOSED || wait == Wait.KEEP_ALIVE) {
      giveBackExchange(lent);
    }
    return wait;
  }

  /// Most runs end with the beginning of a wait, whose time is known.
  private long endOfRun(Wait wait) {
    return switch (wait) {
      case KEEP_ALIVE, REQUEST, WRITE_COMPLETION -> exchange().waitingSince;
      case LINGER, RESUME, CLOSED -> service.nanoTime.getAsLong();
    };
  }

  /// The wait is over without what was waited for. Call [#advance] next if this returns true;
  /// otherwise the connection is to be closed.
  boolean timeOut() {
    Exchange current = exchangeOrNull();
    if (current != null && current.next == Next.RECEIVE && current.begun) {
      current.next = Next.TIMED_OUT;
      return true;
    }
    return false;
  }

  private Wait step() throws Exception {
    Exchange exchange = exchange();
    return switch (exchange.next) {
      case ACCEPTED -> {
        Disposition disposition = allowed(service.handler.accepted(this));
        if (disposition != Disposition.AWAIT_READABLE || pendingOutput() > 0) {
          yield settle(disposition);
        }
        // the first request is often here already, and always with a deferred accept
        exchange.next = Next.RECEIVE;
        yield receiveAndSettle();
      }
      case RECEIVE -> receiveAndSettle();
      case RESUMED -> settle(service.handler.handle(this));
      case SEND -> {
        Disposition disposition = exchange.afterSend;
        if (!sendNow(disposition == Disposition.CLOSE)) {
          yield await(Wait.WRITE_COMPLETION);
        }
        Disposition again = callAgain(disposition);
        yield again == null ? waitAfter(disposition) : settle(again);
      }
      case TIMED_OUT -> {
        boolean abort = service.handler.timedOut(this) == Disposition.ABORT;
        yield settle(abort ? Disposition.ABORT : Disposition.CLOSE);
      }
      case LINGER -> linger();
    };
  }

  private Wait receiveAndSettle() throws Exception {
    Exchange exchange = exchange();
    while (true) {
      int room = lent().input.capacity() - lent().input.remaining();
      if (room == 0) { // the handler has seen all of it already
        throw new IllegalStateException(
            "the handler awaits more input but consumed none of the "
                + lent().input.capacity()
                + " bytes that it has");
      }
      int n = tryFill();
      if (n == 0) {
        boolean between = !exchange.begun && exchanges > 0;
        return await(between ? Wait.KEEP_ALIVE : Wait.REQUEST);
      } else if (n < 0 && !exchange.begun) {
        return Wait.CLOSED;
      }
      exchange.begun = true;
      Disposition disposition = allowed(service.handler.handle(this));
      boolean perhapsMore = n == room && !exchange.inputEnded;
      if (disposition != Disposition.AWAIT_READABLE || !perhapsMore || pendingOutput() > 0) {
        return settle(disposition);
      }
    }
  }

  /// Does what the handler said, and goes on while there is something to do.
  private Wait settle(Disposition first) throws Exception {
    @Nullable Disposition again = first;
    while (true) {
      Disposition disposition = complete(again);
      if (disposition == Disposition.ABORT || service.terminate.raised()) {
        return Wait.CLOSED;
      }
      if (disposition == Disposition.KEEP_ALIVE && answersTogether()) {
        again = handlePipelined();
        continue;
      }
      if (!sendNow(disposition == Disposition.CLOSE)) {
        Exchange exchange = exchange();
        exchange.next = Next.SEND;
        exchange.afterSend = disposition;
        return await(Wait.WRITE_COMPLETION);
      }
      again = callAgain(disposition);
      if (again == null) {
        return waitAfter(disposition);
      }
    }
  }

  /// Counts a completed exchange, and turns what cannot be into `CLOSE`.
  private Disposition complete(Disposition said) {
    Disposition disposition = allowed(said);
    if (!endSocket() && disposition == Disposition.CLOSE) {
      countExchange();
      return Disposition.ABORT; // the handler's code has closed it
    }
    Exchange exchange = exchange();
    switch (disposition) {
      case KEEP_ALIVE -> {
        // a client that was told to go on is told otherwise by the next answer
        boolean kept = exchange.keepPromised || keepsAlive();
        exchange.keepPromised = false;
        countExchange();
        if (!kept) {
          return Disposition.CLOSE;
        }
        exchanges = Math.max(exchanges, exchanges + 1); // stays at the most that it can show
        exchange.begun = false;
        exchange.resetStage();
      }
      case AWAIT_READABLE -> {
        if (exchange.inputEnded) {
          return Disposition.CLOSE; // nothing can come any more
        }
      }
      case CLOSE -> countExchange();
      case AWAIT_WRITABLE, SUSPEND, ABORT -> {}
    }
    return disposition;
  }

  /// A connection that was used as a socket ends with the call.
  private Disposition allowed(Disposition said) {
    return usesSocket() && said != Disposition.ABORT ? Disposition.CLOSE : said;
  }

  private void countExchange() {
    lent().activity.score().countAccess(exchanges > 0);
  }

  /// Whether the next exchange is here already and its answer fits behind the last one.
  private boolean answersTogether() {
    ByteBuffer output = lent().output;
    return lent().input.hasRemaining()
        && pendingOutput() == output.position()
        && output.position() < output.capacity() / 2;
  }

  /// Everything is sent: calls the handler if nothing has to be waited for.
  ///
  /// @return what it said, or null if something has
  private @Nullable Disposition callAgain(Disposition disposition) throws Exception {
    return switch (disposition) {
      case KEEP_ALIVE -> lent().input.hasRemaining() ? handlePipelined() : null;
      case AWAIT_WRITABLE -> handleNextPiece();
      case AWAIT_READABLE, SUSPEND, CLOSE, ABORT -> null;
    };
  }

  private Disposition handlePipelined() throws Exception {
    exchange().begun = true;
    lent().activity.next(this);
    int unconsumed = lent().input.remaining();
    Disposition disposition = service.handler.handle(this);
    if (disposition == Disposition.KEEP_ALIVE && lent().input.remaining() == unconsumed) {
      throw new IllegalStateException(
          "the handler returned KEEP_ALIVE but consumed none of " + unconsumed + " bytes");
    }
    return disposition;
  }

  private Disposition handleNextPiece() throws Exception {
    long produced = produced();
    Disposition disposition = service.handler.handle(this);
    if (disposition == Disposition.AWAIT_WRITABLE && produced() == produced) {
      throw new IllegalStateException(
          "the handler returned AWAIT_WRITABLE but wrote nothing, and everything before is sent");
    }
    return disposition;
  }

  /// Everything is sent: what to wait for now.
  private Wait waitAfter(Disposition disposition) {
    Exchange exchange = exchange();
    return switch (disposition) {
      case KEEP_ALIVE -> {
        exchange.next = Next.RECEIVE;
        yield await(Wait.KEEP_ALIVE);
      }
      case AWAIT_READABLE -> {
        exchange.next = Next.RECEIVE;
        yield await(Wait.REQUEST);
      }
      case SUSPEND -> {
        exchange.next = Next.RESUMED;
        yield Wait.RESUME;
      }
      case CLOSE -> {
        beginToLinger();
        yield exchange.inputEnded ? Wait.CLOSED : linger();
      }
      case AWAIT_WRITABLE, ABORT -> throw new AssertionError(disposition);
    };
  }

  /// Tells the client that nothing more will come, so that it may close first.
  ///
  /// @return what to wait for
  Wait beginToLinger() {
    service.os.shutdown(fd(), Syscalls.SHUT_WR);
    exchangeOrNew().next = Next.LINGER;
    return await(Wait.LINGER);
  }

  private Wait linger() {
    // bounded, so that a client that sends without end keeps neither worker nor listener
    for (int i = 0; i < 16; i++) {
      int n = receive(0, lent().input.capacity());
      if (n == -Errno.EAGAIN) {
        break;
      } else if (n <= 0) {
        return Wait.CLOSED;
      }
    }
    return Wait.LINGER;
  }

  /// Sets the deadline of a wait.
  private Wait await(Wait wait) {
    long now = service.nanoTime.getAsLong();
    long limit =
        switch (wait) {
          case KEEP_ALIVE -> service.limits.keepAliveTimeout();
          case REQUEST -> Math.min(timeout(), exchange().requestReadLeft(service.limits, now));
          case WRITE_COMPLETION -> timeout();
          case LINGER -> service.draining() ? Limits.SHORT_LINGER : Limits.LINGER;
          case RESUME, CLOSED -> Long.MAX_VALUE / 2;
        };
    exchange().waitingSince = now;
    deadline = now + limit;
    return wait;
  }

  /// Ends the connection. The owner only, once.
  void close() {
    closeStream();
    service.closed(this);
  }

  // ---- suspension ----

  /// After an advance that returned [Wait#RESUME].
  ///
  /// @return false if it has been resumed already: advance again
  boolean suspend() {
    if (SUSPENSION.compareAndSet(this, RUNNING, SUSPENDED)) {
      return true;
    }
    SUSPENSION.setVolatile(this, RUNNING);
    return false;
  }

  /// Whether a connection that was suspended still is.
  boolean suspended() {
    return suspension == SUSPENDED;
  }

  /// Takes a suspended connection from the application, to close it.
  ///
  /// @return false if it is not suspended, or is being resumed
  boolean reclaim() {
    return SUSPENSION.compareAndSet(this, SUSPENDED, ENDED);
  }

  @Override
  public void resume() {
    // in this order: a worker that suspends meanwhile changes RUNNING to SUSPENDED
    if (SUSPENSION.compareAndSet(this, RUNNING, RESUMED)) {
      return; // the worker finds it
    } else if (SUSPENSION.compareAndSet(this, SUSPENDED, RUNNING)) {
      engine.resumed(this);
    } else if (suspension != ENDED) {
      throw new IllegalStateException("resumed already");
    }
  }
}
