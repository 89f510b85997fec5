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
import org.mpm4j.impl.scoreboard.WorkerScore;

/// The bytes of a connection, in both directions, and what a handler can ask about it. Its owner
/// only, but for [#resume()].
abstract sealed class SocketStream implements Connection permits SocketConnection {
  final Service service;
  private final int fd;

  // null between two exchanges
  private @Nullable Exchange exchange;

  private @Nullable Object attachment;
  private @Nullable Particulars particulars;
  private boolean emptied;

  // the client, once it was asked for and if it has an IPv4 address: the port is not 0 then
  private int clientAddress;
  private char clientPort;

  SocketStream(Service service, int fd) {
    this.service = service;
    this.fd = fd;
  }

  final int fd() {
    return fd;
  }

  // ---- for the state machine ----

  /// Lends the native memory for one advance.
  ///
  /// @param first what an exchange begins with, if none is in progress
  final void lend(WorkerBuffers lent, Exchange.Next first) {
    Exchange lentTo = exchange;
    if (lentTo == null) {
      lentTo = lent.takeExchange();
      lentTo.begin(first);
      exchange = lentTo;
    }
    lentTo.lend(lent);
  }

  /// Copies what must outlive this advance.
  final void save() {
    exchange().keep(lent().input);
    moveOutputToPending();
  }

  /// The worker has its memory back.
  final void takeBack() {
    if (exchange != null) {
      exchange.lent = null;
    }
  }

  /// The worker has the exchange back too: there is nothing in it to remember.
  final void giveBackExchange(WorkerBuffers lender) {
    if (exchange != null) {
      lender.giveBack(exchange);
      exchange = null;
    }
  }

  /// The exchange in progress; null between two.
  final @Nullable Exchange exchangeOrNull() {
    return exchange;
  }

  /// The exchange in progress, or a new one that no worker has lent.
  final Exchange exchangeOrNew() {
    if (exchange == null) {
      exchange = new Exchange();
    }
    return exchange;
  }

  /// The exchange of a connection that is served, or waits in the middle of one.
  final Exchange exchange() {
    Exchange current = exchange;
    if (current == null) {
      throw notServed();
    }
    return current;
  }

  final WorkerBuffers lent() {
    Exchange current = exchange;
    WorkerBuffers lent = current == null ? null : current.lent;
    if (lent == null) {
      throw notServed();
    }
    return lent;
  }

  private IllegalStateException notServed() {
    return new IllegalStateException(this + " is not the handler's now");
  }

  /// What made an operation of the last advance fail, if one did.
  final @Nullable IOException loss() {
    IOException loss = exchange == null ? null : exchange.loss;
    ConnectionSocket view = view();
    return loss != null || view == null ? loss : view.loss();
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

  /// What blocking methods and write completion wait for, nanoseconds.
  final long timeout() {
    Particulars own = particulars;
    return own == null || own.timeout == 0 ? service.limits.timeout() : own.timeout;
  }

  /// How many bytes the handler has produced, sent or not.
  final long produced() {
    return exchange().sentBytes + pendingOutput();
  }

  /// Drops what was kept, and closes the descriptor.
  final void closeStream() {
    if (exchange != null) {
      exchange.drop();
    }
    service.os.close(fd);
  }

  // ---- the connection as a socket ----

  @Override
  public final Socket socket() throws IOException {
    WorkerActivity activity = lent().activity;
    ConnectionSocket view = activity.socket();
    if (view == null) {
      flush();
      view = ConnectionSocket.open(service, fd, lent(), remoteAddress(), localAddress(), timeout());
      activity.socket(view);
    }
    return view;
  }

  /// Whether the handler has asked for the socket: the connection ends with the call.
  final boolean usesSocket() {
    return view() != null;
  }

  private @Nullable ConnectionSocket view() {
    WorkerBuffers lent = exchange == null ? null : exchange.lent;
    return lent == null ? null : lent.activity.socket();
  }

  /// Takes the connection back from the socket. From now on no thread touches the descriptor but
  /// the owner. Idempotent.
  ///
  /// @return whether the connection is still open, but for the client
  final boolean endSocket() {
    ConnectionSocket view = view();
    if (view == null) {
      return true;
    }
    boolean open = view.end();
    countSent(view.takeSent());
    return open;
  }

  /// The buffers, for as long as there is no socket.
  private WorkerBuffers streamed() {
    WorkerBuffers lent = lent();
    if (lent.activity.socket() != null) {
      throw new IllegalStateException(this + " is used as a socket");
    }
    return lent;
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
      long now = service.nanoTime.getAsLong();
      long left = exchange().requestReadLeft(service.limits, now);
      awaitReady(PollSet.POLLIN, Math.min(timeout(), left));
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
    Exchange current = exchange();
    if (current.inputEnded) {
      return -1;
    }
    int end = input.limit();
    int n = receive(end, input.capacity() - end);
    if (n > 0) {
      input.limit(end + n);
      current.received(n);
      return n;
    } else if (n == 0) {
      current.inputEnded = true;
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
    exchange().pending(service.os).add(source);
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
    exchange().pending(service.os).add(fileFd, position, count);
  }

  @Override
  public final void flush() throws IOException {
    var _ = streamed();
    while (!sendNow(false)) {
      awaitReady(PollSet.POLLOUT, timeout());
    }
  }

  @Override
  public final long pendingOutput() {
    PendingOutput pending = exchange().pending;
    return (pending == null ? 0 : pending.size()) + lent().output.position();
  }

  /// Sends what the kernel takes now: the pending pieces, then the output buffer.
  ///
  /// @param more whether the end of the stream follows at once: it goes with the last bytes then
  final boolean sendNow(boolean more) throws IOException {
    ByteBuffer output = lent().output;
    Exchange current = exchange();
    if (current.pending != null && !sendPending(current.pending, more || output.position() > 0)) {
      return false;
    }
    current.pending = null;
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
    exchange().sentBytes += bytes;
    lent().activity.sent(bytes);
  }

  final void moveOutputToPending() {
    ByteBuffer output = lent().output;
    if (output.position() > 0) {
      ByteBuffer copy = ByteBuffer.allocate(output.position());
      copy.put(output.flip()).flip();
      output.clear();
      exchange().pending(service.os).add(copy);
    }
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
    exchange().loss = reason;
    return reason;
  }

  // ---- about the connection ----

  @Override
  public final void headComplete() {
    exchange().completeHead();
  }

  @Override
  public final void timeout(Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("timeout " + value);
    }
    particulars().timeout = value.toNanos();
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

  private Particulars particulars() {
    Particulars own = particulars;
    if (own == null) {
      own = new Particulars();
      particulars = own;
    }
    return own;
  }

  @Override
  public final SocketAddress remoteAddress() throws IOException {
    SocketAddress known = knownRemoteAddress();
    if (known == null) {
      known = service.os.getpeername(fd);
      particulars().remoteAddress = known;
    }
    return known;
  }

  private @Nullable SocketAddress knownRemoteAddress() {
    return particulars == null ? null : particulars.remoteAddress;
  }

  /// Says in the scoreboard that an exchange begins, or goes on.
  final void begin(WorkerScore score, long now) {
    if (clientPort == 0 && (particulars == null || particulars.client == null)) {
      identifyClient();
    }
    if (clientPort != 0) {
      score.begin(now, clientAddress, clientPort);
    } else {
      score.begin(now, Objects.requireNonNull(particulars().client));
    }
  }

  private void identifyClient() {
    long ipv4 = service.os.getpeernameIpv4(fd);
    if (ipv4 >= 0 && (char) ipv4 != 0) {
      clientAddress = (int) (ipv4 >>> Short.SIZE);
      clientPort = (char) ipv4;
      return;
    }
    SocketAddress known = knownRemoteAddress();
    try {
      particulars().client = ClientName.of(known == null ? service.os.getpeername(fd) : known);
    } catch (IOException _) { // gone already
      particulars().client = new byte[0];
    }
  }

  @Override
  public final SocketAddress localAddress() throws IOException {
    SocketAddress known = particulars == null ? null : particulars.localAddress;
    if (known == null) {
      known = service.os.getsockname(fd);
      particulars().localAddress = known;
    }
    return known;
  }

  @Override
  public final String toString() {
    SocketAddress known = knownRemoteAddress();
    return "connection " + fd + (known == null ? "" : " from " + known);
  }
}
