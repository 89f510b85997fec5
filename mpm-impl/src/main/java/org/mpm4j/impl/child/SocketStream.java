package org.mpm4j.impl.child;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
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
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.PollSet;

/// The bytes of a connection, in both directions, and what a handler can ask about it. Its owner
/// only, but for [#resume()] and [#cutOffSocket()].
abstract sealed class SocketStream implements Connection permits SocketConnection {
  final Service service;
  private final int fd;

  private @Nullable WorkerBuffers buffers;
  private byte @Nullable [] leftover;
  private @Nullable PendingOutput pending;
  private @Nullable IOException loss;

  // the monitor reads it
  private volatile @Nullable ConnectionSocket socket;

  private @Nullable Object attachment;
  private @Nullable SocketAddress remoteAddress;
  private @Nullable SocketAddress localAddress;
  private byte @Nullable [] client;
  private boolean inputEnded;
  private boolean emptied;
  private boolean headComplete;
  private boolean stageBegun;
  private long stageStart;
  private long stageBytes;
  private long sentBytes;
  private long timeout;

  SocketStream(Service service, int fd) {
    this.service = service;
    this.fd = fd;
    this.timeout = service.limits.timeout();
  }

  final int fd() {
    return fd;
  }

  // ---- for the state machine ----

  /// Lends the native memory for one advance, with the bytes that were not consumed in the last
  /// one.
  final void lend(WorkerBuffers lent) {
    buffers = lent;
    loss = null;
    lent.output.clear();
    lent.input.clear();
    if (leftover == null) {
      lent.input.limit(0);
    } else {
      lent.input.put(leftover).flip();
      leftover = null;
    }
  }

  /// Copies what must outlive this advance.
  final void save() {
    ByteBuffer input = lent().input;
    if (input.hasRemaining()) {
      leftover = new byte[input.remaining()];
      input.get(leftover);
    }
    moveOutputToPending();
  }

  final void takeBack() {
    buffers = null;
  }

  final WorkerBuffers lent() {
    WorkerBuffers lent = buffers;
    if (lent == null) {
      throw new IllegalStateException(this + " is not the handler's now");
    }
    return lent;
  }

  /// What made an operation of the last advance fail, if one did.
  final @Nullable IOException loss() {
    ConnectionSocket view = socket;
    return loss != null || view == null ? loss : view.loss();
  }

  final boolean inputEnded() {
    return inputEnded;
  }

  /// Whether the last read left nothing in the kernel, not even the end of the stream.
  final boolean emptied() {
    return emptied;
  }

  /// Receives into the lent input memory.
  ///
  /// @return how many bytes, 0 at the end of the stream, or a negated errno
  final int receive(int from, int most) {
    int n = service.os.recv(fd, lent().inputAddress + from, most);
    emptied = n == -Errno.EAGAIN || (n > 0 && n < most);
    return n;
  }

  final long timeout() {
    return timeout;
  }

  /// How many bytes the handler has produced, sent or not.
  final long produced() {
    return sentBytes + pendingOutput();
  }

  /// Starts the clock of `RequestReadTimeout` afresh.
  final void resetStage() {
    headComplete = false;
    stageBegun = false;
    stageBytes = 0;
  }

  /// How much of `RequestReadTimeout` is left; the clock of a stage starts with its first wait.
  final long requestReadLeft(long now) {
    if (!stageBegun) {
      stageBegun = true;
      stageStart = now;
    }
    long allowed = service.limits.requestRead(headComplete, stageBytes);
    return allowed == Long.MAX_VALUE ? allowed : Math.max(0, allowed - (now - stageStart));
  }

  /// Drops what was kept, and closes the descriptor.
  final void closeStream() {
    if (pending != null) {
      pending.close();
      pending = null;
    }
    leftover = null;
    service.os.close(fd);
  }

  // ---- the connection as a socket ----

  @Override
  public final Socket socket() throws IOException {
    ConnectionSocket view = socket;
    if (view == null) {
      flush();
      view = ConnectionSocket.open(service, fd, lent(), remoteAddress(), localAddress(), timeout);
      socket = view;
    }
    return view;
  }

  /// Whether the handler has asked for the socket: the connection ends with the call.
  final boolean usesSocket() {
    return socket != null;
  }

  /// Takes the connection back from the socket. From now on no thread touches the descriptor but
  /// the owner. Idempotent.
  ///
  /// @return whether the connection is still open, but for the client
  final boolean endSocket() {
    ConnectionSocket view = socket;
    if (view == null) {
      return true;
    }
    boolean open = view.end();
    countSent(view.takeSent());
    return open;
  }

  /// Ends every use of the socket, if there is one, in the course of the call. Any thread.
  final void cutOffSocket() {
    ConnectionSocket view = socket;
    if (view != null) {
      view.cutOff();
    }
  }

  /// The buffers, for as long as there is no socket.
  private WorkerBuffers streamed() {
    if (socket != null) {
      throw new IllegalStateException(this + " is used as a socket");
    }
    return lent();
  }

  // ---- input ----

  @Override
  public final ByteBuffer input() {
    return streamed().input;
  }

  @Override
  public final int fill() throws IOException {
    int n;
    while ((n = tryFill()) == 0) {
      awaitReady(PollSet.POLLIN, Math.min(timeout, requestReadLeft(service.nanoTime.getAsLong())));
    }
    return n;
  }

  @Override
  public final int tryFill() throws IOException {
    WorkerBuffers lent = streamed();
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
    int n = receive(end, input.capacity() - end);
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
  public final int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      throw new IllegalArgumentException("target has no room");
    }
    ByteBuffer input = streamed().input;
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
  public final ByteBuffer output() {
    return streamed().output;
  }

  @Override
  public final void write(ByteBuffer source) throws IOException {
    ByteBuffer output = streamed().output;
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
  public final void enqueue(ByteBuffer source) {
    var _ = streamed();
    moveOutputToPending();
    pendingQueue().add(source);
  }

  @Override
  public final void sendfile(Path file, long position, long count) throws IOException {
    if (position < 0 || count < 0) {
      throw new IllegalArgumentException("position " + position + ", count " + count);
    }
    var _ = streamed();
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
  public final void flush() throws IOException {
    var _ = streamed();
    while (!sendNow(false)) {
      awaitReady(PollSet.POLLOUT, timeout);
    }
  }

  @Override
  public final long pendingOutput() {
    return (pending == null ? 0 : pending.size()) + lent().output.position();
  }

  /// Sends what the kernel takes now: the pending pieces, then the output buffer.
  ///
  /// @param more whether the end of the stream follows at once: it goes with the last bytes then
  final boolean sendNow(boolean more) throws IOException {
    ByteBuffer output = lent().output;
    if (pending != null && !sendPending(pending, more || output.position() > 0)) {
      return false;
    }
    pending = null;
    int sent = 0;
    while (sent < output.position()) {
      int n = service.os.send(fd, lent().outputAddress + sent, output.position() - sent, more);
      if (n < 0 && n != -Errno.EAGAIN) {
        throw lost(Errno.exception("could not send", n));
      } else if (n < 0) {
        output.flip().position(sent);
        output.compact();
        return false;
      }
      sent += n;
      countSent(n);
    }
    output.clear();
    return true;
  }

  private boolean sendPending(PendingOutput queue, boolean more) throws IOException {
    long before = queue.size();
    try {
      return queue.send(fd, lent(), more);
    } catch (EOFException e) {
      throw e; // the application's file, not the client
    } catch (IOException e) {
      throw lost(e);
    } finally {
      countSent(before - queue.size());
    }
  }

  private void countSent(long bytes) {
    sentBytes += bytes;
    lent().activity.sent(bytes);
  }

  final void moveOutputToPending() {
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
        if (events == PollSet.POLLIN) {
          lent().activity.score().countReadTimeout();
        } else {
          lent().activity.score().countWriteTimeout();
        }
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
  public final void headComplete() {
    if (!headComplete) {
      headComplete = true;
      stageBegun = false;
      stageBytes = 0;
    }
  }

  @Override
  public final void timeout(Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("timeout " + value);
    }
    timeout = value.toNanos();
  }

  @Override
  public final void extendDeadline(Duration fromNow) {
    if (fromNow.isNegative()) {
      throw new IllegalArgumentException("deadline " + fromNow + " from now");
    }
    lent().activity.extendDeadline(fromNow);
  }

  @Override
  public final void describe(ByteBuffer text) {
    lent().activity.describe(text);
  }

  @Override
  public final @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public final void attach(@Nullable Object object) {
    attachment = object;
  }

  @Override
  public final SocketAddress remoteAddress() throws IOException {
    if (remoteAddress == null) {
      remoteAddress = service.os.getpeername(fd);
    }
    return Objects.requireNonNull(remoteAddress);
  }

  /// The client's address in words; empty if it cannot be had.
  final byte[] client() {
    if (client == null) {
      try {
        client = ClientName.of(remoteAddress == null ? service.os.getpeername(fd) : remoteAddress);
      } catch (IOException _) { // gone already
        client = new byte[0];
      }
    }
    return client;
  }

  @Override
  public final SocketAddress localAddress() throws IOException {
    if (localAddress == null) {
      localAddress = service.os.getsockname(fd);
    }
    return Objects.requireNonNull(localAddress);
  }

  @Override
  public final String toString() {
    return "connection " + fd + (remoteAddress == null ? "" : " from " + remoteAddress);
  }
}
