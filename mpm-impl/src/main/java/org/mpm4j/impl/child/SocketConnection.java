package org.mpm4j.impl.child;

import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.Disposition;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Syscalls;

/// One accepted connection, and the state machine of its exchanges.
///
/// An engine calls [#advance] with a worker's buffers when what the connection waits for has come,
/// and is told what it waits for next. `advance` never blocks, unless the handler does.
sealed class SocketConnection implements Connection permits EventConnection {
  /*
   * Overview: `next` says what the next advance begins with.
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

  private enum Next {
    ACCEPTED,
    RECEIVE,
    RESUMED,
    SEND,
    TIMED_OUT,
    LINGER
  }

  // suspension: RUNNING → SUSPENDED → RUNNING (resumed later), or RUNNING → RESUMED → RUNNING
  // (resumed before the handler returned)
  private static final int RUNNING = 0;
  private static final int SUSPENDED = 1;
  private static final int RESUMED = 2;

  private static final VarHandle SUSPENSION =
      ConstantBootstraps.fieldVarHandle(
          MethodHandles.lookup(), "suspension", VarHandle.class, SocketConnection.class, int.class);

  private final Service service;
  private final Engine engine;
  private final int fd;

  // the owner only
  private Next next = Next.ACCEPTED;
  private Disposition afterSend = Disposition.CLOSE;
  private @Nullable WorkerBuffers buffers;
  private byte @Nullable [] leftover;
  private @Nullable PendingOutput pending;
  private @Nullable IOException loss;
  private @Nullable Object attachment;
  private @Nullable SocketAddress remoteAddress;
  private @Nullable SocketAddress localAddress;
  private int exchanges;
  private boolean exchangeBegun;
  private boolean headComplete;
  private boolean inputEnded;
  private boolean stageBegun;
  private long stageStart;
  private long stageBytes;
  private long timeout;
  private long deadline;

  // the worker that suspends and the thread that resumes
  private volatile int suspension = RUNNING;

  SocketConnection(Service service, Engine engine, int fd) {
    this.service = service;
    this.engine = engine;
    this.fd = fd;
    this.timeout = service.limits.timeout();
  }

  int fd() {
    return fd;
  }

  /// When the wait that the last advance returned is over, in the service's nanoseconds.
  long deadline() {
    return deadline;
  }

  /// Whether the client has sent nothing of an exchange since the last one, or ever.
  boolean idle() {
    return next == Next.RECEIVE && !exchangeBegun;
  }

  // ---- the state machine; the owner only ----

  /// Does everything that can be done without waiting.
  ///
  /// @return what to wait for; never [Wait#RESUME] when it has been resumed already
  Wait advance(WorkerBuffers lent) {
    lend(lent);
    Wait wait;
    try {
      wait = step();
    } catch (IOException e) {
      if (loss != null) {
        service.lost(this, loss);
      } else {
        service.failed(this, e);
      }
      wait = Wait.CLOSED;
    } catch (Throwable e) {
      service.failed(this, e);
      wait = Wait.CLOSED;
    }
    takeBack();
    if (wait == Wait.CLOSED) {
      close();
    }
    return wait;
  }

  /// The wait is over without what was waited for. Call [#advance] next if this returns true;
  /// otherwise the connection is to be closed.
  boolean timeOut() {
    if (next == Next.RECEIVE && exchangeBegun) {
      next = Next.TIMED_OUT;
      return true;
    }
    return false;
  }

  private Wait step() throws Exception {
    Disposition disposition;
    switch (next) {
      case ACCEPTED -> {
        disposition = service.handler.accepted(this);
        if (disposition == Disposition.AWAIT_READABLE && pendingOutput() == 0) {
          // the first request is often here already, and always with a deferred accept
          next = Next.RECEIVE;
          return receiveAndSettle();
        }
      }
      case RECEIVE -> {
        return receiveAndSettle();
      }
      case RESUMED -> disposition = service.handler.handle(this);
      case SEND -> {
        if (!sendNow()) {
          return await(Wait.WRITE_COMPLETION);
        }
        disposition =
            afterSend == Disposition.AWAIT_WRITABLE ? service.handler.handle(this) : afterSend;
      }
      case TIMED_OUT -> {
        disposition = service.handler.timedOut(this);
        if (disposition != Disposition.ABORT) {
          disposition = Disposition.CLOSE;
        }
      }
      case LINGER -> {
        return linger();
      }
      default -> throw new AssertionError(next);
    }
    return settle(disposition);
  }

  private Wait receiveAndSettle() throws Exception {
    int room = lent().input.capacity() - lent().input.remaining();
    int n = room == 0 ? 0 : tryFill();
    while (true) {
      if (n == 0 && room > 0) {
        return await(exchangeBegun || exchanges == 0 ? Wait.REQUEST : Wait.KEEP_ALIVE);
      } else if (n < 0 && !exchangeBegun) {
        return Wait.CLOSED;
      }
      exchangeBegun = true;
      boolean perhapsMore = n == room;
      Disposition disposition = service.handler.handle(this);
      if (disposition != Disposition.AWAIT_READABLE || !perhapsMore || pendingOutput() > 0) {
        return settle(disposition);
      }
      room = lent().input.capacity() - lent().input.remaining();
      if (room == 0) {
        throw new IllegalStateException(
            "the handler awaits more input but consumed none of the "
                + lent().input.capacity()
                + " bytes that it has");
      }
      n = tryFill();
    }
  }

  /// Does what the handler said, and goes on while there is something to do.
  private Wait settle(Disposition first) throws Exception {
    Disposition disposition = first;
    while (true) {
      if (disposition == Disposition.KEEP_ALIVE) {
        if (!mayKeepAlive()) {
          disposition = Disposition.CLOSE;
        } else {
          completeExchange();
          if (lent().input.hasRemaining()
              && lent().output.position() < lent().output.capacity() / 2
              && pending == null) {
            disposition = handlePipelined(); // its answer goes out together with this one
            continue;
          }
        }
      } else if (disposition == Disposition.ABORT) {
        return Wait.CLOSED;
      }
      if (!sendNow()) {
        next = Next.SEND;
        afterSend = disposition;
        return await(Wait.WRITE_COMPLETION);
      }
      switch (disposition) {
        case KEEP_ALIVE -> {
          if (!lent().input.hasRemaining()) {
            next = Next.RECEIVE;
            return await(Wait.KEEP_ALIVE);
          }
          disposition = handlePipelined();
        }
        case AWAIT_READABLE -> {
          next = Next.RECEIVE;
          return await(Wait.REQUEST);
        }
        case AWAIT_WRITABLE -> disposition = service.handler.handle(this);
        case SUSPEND -> {
          next = Next.RESUMED;
          return Wait.RESUME;
        }
        case CLOSE -> {
          service.os.shutdown(fd, Syscalls.SHUT_WR);
          next = Next.LINGER;
          await(Wait.LINGER);
          return linger();
        }
        case ABORT -> throw new AssertionError("handled above");
      }
    }
  }

  private Disposition handlePipelined() throws Exception {
    exchangeBegun = true;
    int unconsumed = lent().input.remaining();
    Disposition disposition = service.handler.handle(this);
    if (disposition == Disposition.KEEP_ALIVE && lent().input.remaining() == unconsumed) {
      throw new IllegalStateException(
          "the handler returned KEEP_ALIVE but consumed none of " + unconsumed + " bytes");
    }
    return disposition;
  }

  private void completeExchange() {
    exchanges++;
    exchangeBegun = false;
    headComplete = false;
    stageBegun = false;
    stageBytes = 0;
  }

  private Wait linger() {
    ByteBuffer input = lent().input;
    // bounded, so that a client that sends without end keeps neither worker nor listener
    for (int i = 0; i < 16; i++) {
      int n = service.os.recv(fd, lent().inputAddress, input.capacity());
      if (n == -Errno.EAGAIN) {
        break;
      } else if (n <= 0) {
        return Wait.CLOSED;
      }
    }
    input.position(0).limit(0);
    return Wait.LINGER;
  }

  /// Sets the deadline of a wait.
  private Wait await(Wait wait) {
    long now = service.nanoTime.getAsLong();
    long limit =
        switch (wait) {
          case KEEP_ALIVE -> service.limits.keepAliveTimeout();
          case REQUEST -> Math.min(timeout, requestReadLeft(now));
          case WRITE_COMPLETION -> timeout;
          case LINGER -> service.draining() ? Limits.SHORT_LINGER : Limits.LINGER;
          case RESUME, CLOSED -> Long.MAX_VALUE / 2;
        };
    deadline = now + limit;
    return wait;
  }

  /// How much of `RequestReadTimeout` is left; the clock of a stage starts with its first wait.
  private long requestReadLeft(long now) {
    if (!stageBegun) {
      stageBegun = true;
      stageStart = now;
    }
    long allowed = service.limits.requestRead(headComplete, stageBytes);
    return allowed == Long.MAX_VALUE ? allowed : Math.max(0, allowed - (now - stageStart));
  }

  private void lend(WorkerBuffers lent) {
    buffers = lent;
    lent.output.clear();
    lent.input.clear();
    if (leftover == null) {
      lent.input.limit(0);
    } else {
      lent.input.put(leftover).flip();
      leftover = null;
    }
  }

  private void takeBack() {
    WorkerBuffers lent = lent();
    if (lent.input.hasRemaining() && next != Next.LINGER) {
      leftover = new byte[lent.input.remaining()];
      lent.input.get(leftover);
    }
    if (next == Next.SEND) {
      moveOutputToPending();
    }
    buffers = null;
  }

  private WorkerBuffers lent() {
    WorkerBuffers lent = buffers;
    if (lent == null) {
      throw new IllegalStateException("the connection is not the handler's now");
    }
    return lent;
  }

  /// Ends the connection. The owner only, once.
  void close() {
    if (pending != null) {
      pending.close();
    }
    leftover = null;
    service.os.close(fd);
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

  @Override
  public void resume() {
    if (SUSPENSION.compareAndSet(this, SUSPENDED, RUNNING)) {
      engine.resumed(this);
    } else if (!SUSPENSION.compareAndSet(this, RUNNING, RESUMED)) {
      throw new IllegalStateException("resumed already");
    }
  }

  // ---- input ----

  @Override
  public ByteBuffer input() {
    return lent().input;
  }

  @Override
  public int fill() throws IOException {
    int n;
    while ((n = tryFill()) == 0) {
      awaitReady(PollSet.POLLIN, Math.min(timeout, requestReadLeft(service.nanoTime.getAsLong())));
    }
    return n;
  }

  @Override
  public int tryFill() throws IOException {
    WorkerBuffers lent = lent();
    ByteBuffer input = lent.input;
    if (input.limit() == input.capacity()) {
      if (input.position() == 0) {
        throw new BufferOverflowException();
      }
      input.compact().flip();
    }
    if (inputEnded) {
      return -1;
    }
    int end = input.limit();
    int n = service.os.recv(fd, lent.inputAddress + end, input.capacity() - end);
    if (n > 0) {
      input.limit(end + n);
      stageBytes += n;
      return n;
    } else if (n == 0) {
      inputEnded = true;
      return -1;
    } else if (n == -Errno.EAGAIN) {
      return 0;
    }
    throw lost(Errno.exception("could not receive", n));
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      throw new IllegalArgumentException("target has no room");
    }
    ByteBuffer input = lent().input;
    if (!input.hasRemaining() && fill() < 0) {
      return -1;
    }
    int n = Math.min(input.remaining(), target.remaining());
    target.put(target.position(), input, input.position(), n);
    target.position(target.position() + n);
    input.position(input.position() + n);
    return n;
  }

  // ---- output ----

  @Override
  public ByteBuffer output() {
    return lent().output;
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    ByteBuffer output = lent().output;
    while (source.remaining() > output.remaining()) {
      int n = output.remaining();
      output.put(output.position(), source, source.position(), n);
      output.position(output.position() + n);
      source.position(source.position() + n);
      flush();
    }
    output.put(source);
  }

  @Override
  public void enqueue(ByteBuffer source) {
    moveOutputToPending();
    pendingQueue().add(source);
  }

  @Override
  public void sendfile(Path file, long position, long count) throws IOException {
    if (position < 0 || count < 0) {
      throw new IllegalArgumentException("position " + position + ", count " + count);
    }
    int fileFd = service.os.open(file.toString());
    if (fileFd < 0) {
      throw switch (-fileFd) {
        case Errno.ENOENT -> new NoSuchFileException(file.toString());
        case Errno.EACCES -> new AccessDeniedException(file.toString());
        default -> new FileSystemException(file.toString(), null, Errno.message(fileFd));
      };
    }
    moveOutputToPending();
    pendingQueue().add(fileFd, position, count);
  }

  @Override
  public void flush() throws IOException {
    while (!sendNow()) {
      awaitReady(PollSet.POLLOUT, timeout);
    }
  }

  @Override
  public long pendingOutput() {
    return (pending == null ? 0 : pending.size()) + lent().output.position();
  }

  /// Sends what the kernel takes now: the pending pieces, then the output buffer.
  private boolean sendNow() throws IOException {
    ByteBuffer output = lent().output;
    if (pending != null) {
      boolean sent;
      try {
        sent = pending.send(fd, lent(), output.position() > 0);
      } catch (IOException e) {
        throw lost(e);
      }
      if (!sent) {
        return false;
      }
      pending = null;
    }
    int sent = 0;
    while (sent < output.position()) {
      int n = service.os.send(fd, lent().outputAddress + sent, output.position() - sent, false);
      if (n < 0 && n != -Errno.EAGAIN) {
        throw lost(Errno.exception("could not send", n));
      } else if (n < 0) {
        output.flip().position(sent);
        output.compact();
        return false;
      }
      sent += n;
    }
    output.clear();
    return true;
  }

  private void moveOutputToPending() {
    ByteBuffer output = lent().output;
    if (output.position() > 0) {
      ByteBuffer copy = ByteBuffer.allocate(output.position());
      copy.put(output.flip()).flip();
      output.clear();
      pendingQueue().add(copy);
    }
  }

  private PendingOutput pendingQueue() {
    PendingOutput queue = pending;
    if (queue == null) {
      queue = new PendingOutput(service.os);
      pending = queue;
    }
    return queue;
  }

  // ---- waiting in a handler ----

  private void awaitReady(int events, long nanos) throws IOException {
    long start = service.nanoTime.getAsLong();
    PollSet set = lent().waiting;
    while (true) {
      set.set(0, fd, events);
      set.set(1, service.terminate.fd(), PollSet.POLLIN);
      long left = nanos - (service.nanoTime.getAsLong() - start);
      int ready = left <= 0 ? 0 : service.os.poll(set, Millis.ceiling(left));
      if (service.terminate.raised()) {
        throw lost(new IOException("the server stops at once"));
      } else if (ready > 0) {
        return;
      } else if (ready < 0 && ready != -Errno.EINTR) {
        throw lost(Errno.exception("could not wait", ready));
      } else if (ready == 0 && left <= 0) {
        throw lost(
            new SocketTimeoutException(
                (events == PollSet.POLLIN ? "nothing received" : "nothing taken")
                    + " for "
                    + Duration.ofNanos(nanos).toMillis()
                    + " ms"));
      }
    }
  }

  private <E extends IOException> E lost(E reason) {
    loss = reason;
    return reason;
  }

  // ---- about the connection ----

  @Override
  public boolean mayKeepAlive() {
    int most = service.limits.maxKeepAliveRequests();
    return service.limits.keepAlive() && (most == 0 || exchanges + 1 < most) && !service.draining();
  }

  @Override
  public void headComplete() {
    if (!headComplete) {
      headComplete = true;
      stageBegun = false;
      stageBytes = 0;
    }
  }

  @Override
  public void timeout(Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("timeout " + value);
    }
    timeout = value.toNanos();
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public void attach(@Nullable Object object) {
    attachment = object;
  }

  @Override
  public int exchanges() {
    return exchanges;
  }

  @Override
  public SocketAddress remoteAddress() throws IOException {
    if (remoteAddress == null) {
      remoteAddress = service.os.getpeername(fd);
    }
    return Objects.requireNonNull(remoteAddress);
  }

  @Override
  public SocketAddress localAddress() throws IOException {
    if (localAddress == null) {
      localAddress = service.os.getsockname(fd);
    }
    return Objects.requireNonNull(localAddress);
  }

  @Override
  public String toString() {
    return "connection " + fd + (remoteAddress == null ? "" : " from " + remoteAddress);
  }
}
