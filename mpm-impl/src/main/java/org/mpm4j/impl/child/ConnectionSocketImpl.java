package org.mpm4j.impl.child;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Syscalls;

/// The system calls of a connection behind the JDK's [java.net.Socket].
final class ConnectionSocketImpl extends SocketImpl {
  /*
   * Overview: the descriptor is the connection's, and non-blocking. An operation tries, and where the
   * kernel says EAGAIN it polls three descriptors: the socket, `wake`, which whoever closes the socket
   * raises, and the child's `terminate`.
   *
   *   OPEN ─► CLOSING ─► CLOSED ─► ENDED      closed by the code, then the handler returned
   *   OPEN ─► ENDED                           the handler returned
   *
   * Ownership: `reading` and `writing` each admit one thread, which has the buffers and the poll set of
   * its direction. Whoever makes a system call on the descriptor counts among `users` meanwhile, and
   * only while OPEN. Whoever leaves OPEN wakes them and waits until there are none: they never wait for
   * anything but poll. So no call can meet a descriptor that was closed or is somebody else's.
   *
   * The number of the descriptor stays the connection's until the owner closes it, since listener and
   * monitor know the connection by it. To close the socket before that, the number is made another name
   * of `wake`: dup2(2) closes what it named, with all that close(2) does.
   *
   * Memory ordering: `lock` guards state and users. The plain fields of a direction belong to the holder
   * of its lock; the owner reads them after the end, behind `lock`.
   *
   * Shutdown: end(), by the owner, once the handler has returned.
   */

  private enum State {
    OPEN,
    CLOSING,
    CLOSED,
    ENDED
  }

  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final String CLOSED = "Socket closed";

  private final Service service;
  private final Syscalls os;
  private final WorkerBuffers lent;
  private final SocketBuffers buffers;
  private final SocketOptionCalls options;
  private final Interruption wake;
  private final InetSocketAddress local;
  private final long writeTimeout;
  private final int number; // `fd` is the JDK's

  private final ReentrantLock reading = new ReentrantLock();
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // guarded by lock
  private State state = State.OPEN;
  private int users;
  private boolean cutOff;

  // guarded by reading
  private boolean endOfInput;
  private boolean reset;

  // guarded by writing
  private long sent;

  // any thread
  private volatile int readTimeout;
  private volatile int buffered;
  private volatile boolean inputShut;
  private volatile @Nullable IOException loss;

  ConnectionSocketImpl(
      Service service,
      int number,
      WorkerBuffers lent,
      SocketOptionCalls options,
      Interruption wake,
      InetSocketAddress local,
      long timeout) {
    this.service = service;
    this.os = service.os;
    this.number = number;
    this.lent = lent;
    this.buffers = lent.forSocket();
    this.options = options;
    this.wake = wake;
    this.local = local;
    this.writeTimeout = timeout;
    this.readTimeout = Millis.ceiling(timeout);
    this.buffered = lent.input.remaining();
    this.localport = local.getPort();
  }

  // ---- the owner of the connection ----

  /// See [ConnectionSocket#end()].
  boolean end() {
    boolean open;
    lock.lock();
    try {
      if (state == State.ENDED) {
        return false;
      }
      while (state == State.CLOSING) {
        changed.awaitUninterruptibly();
      }
      open = state == State.OPEN;
      state = State.ENDED;
      awaitUnused();
      wake.close();
    } finally {
      lock.unlock();
    }
    if (open && options.linger() > 0) {
      // the engine lingers without blocking; close(2) must not block whoever ends that
      options.setLinger(-1);
    }
    return open;
  }

  long takeSent() {
    long bytes = sent;
    sent = 0;
    return bytes;
  }

  @Nullable IOException loss() {
    return loss;
  }

  void cutOff() {
    lock.lock();
    try {
      if (state == State.OPEN) {
        cutOff = true;
        wake.raise();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- who may use the descriptor ----

  private void enter() throws SocketException {
    lock.lock();
    try {
      ensureOpen();
      users++;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      users--;
      if (users == 0 && state != State.OPEN) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The holder of `lock`, having left OPEN: waits until nobody uses the descriptor.
  private void awaitUnused() {
    if (users > 0) {
      wake.raise();
    }
    while (users > 0) {
      changed.awaitUninterruptibly();
    }
  }

  /// The holder of `lock`.
  private void ensureOpen() throws SocketException {
    if (state != State.OPEN) {
      throw new SocketException(CLOSED);
    } else if (service.terminate.raised()) {
      throw lost(new SocketException(CLOSED + ": the server stops at once"));
    } else if (cutOff) {
      throw lost(new SocketException(CLOSED + ": RequestTerminateTimeout is over"));
    }
  }

  private void ensureStillOpen() throws SocketException {
    if (wake.raised() || service.terminate.raised()) {
      lock.lock();
      try {
        ensureOpen();
      } finally {
        lock.unlock();
      }
    }
  }

  // ---- reading ----

  private int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    reading.lock();
    try {
      if (endOfInput) {
        return -1; // even where it was closed since, as the JDK's
      }
      enter();
      try {
        int n = receive(target, offset, length);
        endOfInput = n < 0;
        loss = null;
        return n;
      } finally {
        leave();
      }
    } finally {
      reading.unlock();
    }
  }

  private int receive(byte[] target, int offset, int length) throws IOException {
    if (reset) {
      throw new SocketException("Connection reset");
    } else if (inputShut) {
      return -1;
    } else if (buffered > 0) {
      ByteBuffer first = lent.input;
      int n = Math.min(first.remaining(), length);
      first.get(target, offset, n);
      buffered = first.remaining();
      return n;
    }
    int millis = readTimeout;
    long limit = millis == 0 ? NO_LIMIT : TimeUnit.MILLISECONDS.toNanos(millis);
    int size = Math.min(length, lent.transfer.capacity());
    long start = 0;
    while (true) {
      int n = os.recv(number, lent.transferAddress, size);
      if (n > 0) {
        lent.transfer.get(0, target, offset, n);
        return n;
      } else if (n == 0) {
        return -1;
      } else if (n == -Errno.ECONNRESET) {
        reset = true;
        throw lost(new SocketException("Connection reset"));
      } else if (n != -Errno.EAGAIN) {
        throw failed("could not receive", n);
      }
      if (start == 0) {
        start = service.nanoTime.getAsLong();
      }
      if (!await(buffers.readable, PollSet.POLLIN, start, limit)) {
        throw lost(new SocketTimeoutException("Read timed out"));
      } else if (inputShut) {
        return -1;
      }
    }
  }

  @Override
  protected int available() throws IOException {
    enter();
    try {
      if (inputShut) {
        return 0;
      }
      int n = os.fionread(number);
      if (n < 0) {
        throw failed("could not tell what is there to read", n);
      }
      return buffered + n;
    } finally {
      leave();
    }
  }

  // ---- writing ----

  private void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    if (length == 0) {
      return;
    }
    writing.lock();
    try {
      enter();
      try {
        send(source, offset, length);
      } finally {
        leave();
      }
    } finally {
      writing.unlock();
    }
  }

  private void send(byte[] source, int offset, int length) throws IOException {
    int end = offset + length;
    int size;
    for (int at = offset; at < end; at += size) {
      size = Math.min(end - at, buffers.sending.capacity());
      buffers.sending.put(0, source, at, size);
      for (int taken = 0; taken < size; ) {
        long address = buffers.sendingAddress + taken;
        int n = os.send(number, address, size - taken, at + size < end);
        if (n >= 0) {
          taken += n;
          sent += n;
          ensureStillOpen(); // a client that reads all the time must not keep the child from ending
        } else if (n == -Errno.EAGAIN) {
          awaitWritable();
        } else {
          throw failed(n == -Errno.EPIPE ? "Broken pipe" : "could not send", n);
        }
      }
    }
  }

  private void awaitWritable() throws SocketException {
    long start = service.nanoTime.getAsLong();
    if (!await(buffers.writable, PollSet.POLLOUT, start, writeTimeout)) {
      long millis = TimeUnit.NANOSECONDS.toMillis(writeTimeout);
      throw lost(new SocketException("the client took nothing for " + millis + " ms"));
    }
  }

  // ---- waiting ----

  /// Waits until the socket is ready.
  ///
  /// @return false if the limit was reached
  private boolean await(PollSet set, int events, long start, long limit) throws SocketException {
    while (true) {
      set.set(0, number, events);
      set.set(1, wake.fd(), PollSet.POLLIN);
      set.set(2, service.terminate.fd(), PollSet.POLLIN);
      long left = NO_LIMIT;
      if (limit != NO_LIMIT) {
        left = Math.max(0, limit - (service.nanoTime.getAsLong() - start));
      }
      int ready = os.poll(set, limit == NO_LIMIT ? -1 : Millis.ceiling(left));
      ensureStillOpen();
      if (ready > 0) {
        return true;
      } else if (ready == 0 && left == 0) {
        return false;
      } else if (ready < 0 && ready != -Errno.EINTR) {
        throw failed("could not wait", ready);
      }
    }
  }

  private SocketException failed(String what, int negatedErrno) {
    return lost(new SocketException(what + " (" + Errno.message(negatedErrno) + ")"));
  }

  private <E extends IOException> E lost(E reason) {
    loss = reason;
    return reason;
  }

  // ---- closing ----

  @Override
  protected void close() {
    lock.lock();
    try {
      if (state != State.OPEN) {
        return;
      }
      state = State.CLOSING;
      awaitUnused();
    } finally {
      lock.unlock();
    }
    try {
      release();
    } finally {
      lock.lock();
      try {
        state = State.CLOSED;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void release() {
    if (options.linger() != 0) {
      os.shutdown(
          number, Syscalls.SHUT_WR); // so that unread input does not reset what was sent yet
    }
    if (os.dup2(wake.fd(), number) < 0) {
      os.shutdown(number, Syscalls.SHUT_RDWR); // and the owner closes it
    } else {
      os.setCloseOnExec(number);
    }
  }

  @Override
  protected void shutdownInput() throws IOException {
    enter();
    try {
      inputShut = true;
      shutdown(Syscalls.SHUT_RD);
    } finally {
      leave();
    }
  }

  @Override
  protected void shutdownOutput() throws IOException {
    enter();
    try {
      shutdown(Syscalls.SHUT_WR);
    } finally {
      leave();
    }
  }

  private void shutdown(int how) throws SocketException {
    int result = os.shutdown(number, how);
    if (result < 0 && result != -Errno.ENOTCONN) { // the client has reset it: what is asked for
      throw failed("could not shut down", result);
    }
  }

  // ---- options ----

  @Override
  protected Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  @Override
  protected <T> void setOption(SocketOption<T> option, T value) throws IOException {
    options.check(option, value);
    enter();
    try {
      options.set(option, value);
    } finally {
      leave();
    }
  }

  @Override
  protected <T> T getOption(SocketOption<T> option) throws IOException {
    options.check(option);
    enter();
    try {
      return option.type().cast(options.get(option));
    } finally {
      leave();
    }
  }

  @Override
  public void setOption(int id, Object value) throws SocketException {
    enter();
    try {
      if (id == SO_TIMEOUT) {
        readTimeout = (Integer) value;
      } else {
        options.set(id, value);
      }
    } finally {
      leave();
    }
  }

  @Override
  public Object getOption(int id) throws SocketException {
    enter();
    try {
      return switch (id) {
        case SO_TIMEOUT -> readTimeout;
        case SO_BINDADDR -> local.getAddress();
        default -> options.get(id);
      };
    } finally {
      leave();
    }
  }

  // ---- what the JDK asks for when it makes a socket ----

  @Override
  protected void create(boolean stream) {}

  /// Takes note of the client's address: [ConnectionSocket] is connected already.
  @Override
  protected void connect(SocketAddress remote, int timeout) {
    InetSocketAddress client = (InetSocketAddress) remote;
    address = client.getAddress();
    port = client.getPort();
  }

  @Override
  protected InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return ConnectionSocketImpl.this.read(target, offset, length);
      }

      @Override
      public int available() throws IOException {
        return ConnectionSocketImpl.this.available();
      }
    };
  }

  @Override
  protected OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int length) throws IOException {
        ConnectionSocketImpl.this.write(source, offset, length);
      }
    };
  }

  // ---- what a connected socket cannot do; java.net.Socket asks for none of it ----

  @Override
  protected void connect(String host, int port) throws IOException {
    throw new SocketException("Already connected");
  }

  @Override
  protected void connect(InetAddress host, int port) throws IOException {
    throw new SocketException("Already connected");
  }

  @Override
  protected void bind(InetAddress host, int port) throws IOException {
    throw new SocketException("Already bound");
  }

  @Override
  protected void listen(int backlog) throws IOException {
    throw new SocketException("not a listening socket");
  }

  @Override
  protected void accept(SocketImpl accepted) throws IOException {
    throw new SocketException("not a listening socket");
  }

  @Override
  protected void sendUrgentData(int data) throws IOException {
    throw new SocketException("Urgent data not supported");
  }
}
