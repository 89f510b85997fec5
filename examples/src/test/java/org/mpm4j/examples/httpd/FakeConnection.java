package org.mpm4j.examples.httpd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;

/// A connection in memory and, in [#serve], the engine around it. What the client sends comes in
/// the pieces given; a piece arrives when the handler waits and not before.
final class FakeConnection implements Connection {
  private static final int INPUT_SIZE = 16 * 1024;
  private static final int OUTPUT_SIZE = 8 * 1024;
  private static final int MOST_CALLS = 1_000_000;

  private static final ByteBuffer FULL = ByteBuffer.allocate(0);

  private final Deque<byte[]> pieces = new ArrayDeque<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_SIZE).limit(0);
  private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_SIZE);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final Deque<ByteBuffer> enqueued = new ArrayDeque<>();
  private @Nullable Object attachment;
  private boolean ended;
  private boolean ends = true;
  private boolean keepAlive = true;
  private int exchanges;
  private long mostPending;
  private boolean idleWithAttachment;
  private SocketAddress remote = address("127.0.0.1", 40000);
  private SocketAddress local = address("127.0.0.1", 80);

  FakeConnection(byte[]... pieces) {
    this.pieces.addAll(Arrays.asList(pieces));
  }

  static FakeConnection of(String text) {
    return new FakeConnection(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// The client keeps its sending direction open after the last piece.
  FakeConnection staysOpen() {
    ends = false;
    return this;
  }

  FakeConnection withoutKeepAlive() {
    keepAlive = false;
    return this;
  }

  FakeConnection between(String remote, String local) {
    this.remote = address(remote, 40000);
    this.local = address(local, 80);
    return this;
  }

  FakeConnection from(SocketAddress remote) {
    this.remote = remote;
    return this;
  }

  private static SocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  /// Does what an engine does until the connection ends or waits for what will not come.
  Disposition serve(ConnectionHandler handler) throws Exception {
    Disposition disposition = Disposition.AWAIT_READABLE;
    for (int call = 0; call < MOST_CALLS; call++) {
      boolean reads =
          disposition == Disposition.AWAIT_READABLE
              || (disposition == Disposition.KEEP_ALIVE && !input.hasRemaining());
      if (reads) {
        if (disposition == Disposition.KEEP_ALIVE && attachment != null) {
          idleWithAttachment = true;
        }
        if (!arrive()) {
          if (!ends || disposition == Disposition.KEEP_ALIVE) {
            return disposition;
          }
          ended = true;
        }
      }
      boolean pipelining = disposition == Disposition.KEEP_ALIVE && input.hasRemaining();
      if (!pipelining) {
        flush();
      }
      disposition = handler.handle(this);
      mostPending = Math.max(mostPending, pendingOutput());
      switch (disposition) {
        case CLOSE -> {
          flush();
          handler.closed(this);
          return disposition;
        }
        case ABORT -> {
          handler.closed(this);
          return disposition;
        }
        case KEEP_ALIVE -> {
          exchanges++;
          if (!input.hasRemaining()) {
            flush();
          }
        }
        case AWAIT_READABLE, AWAIT_WRITABLE -> flush();
        case SUSPEND -> throw new AssertionError("nobody would resume it");
      }
    }
    throw new AssertionError("it never ends");
  }

  private boolean arrive() {
    byte[] piece = pieces.poll();
    if (piece == null) {
      return false;
    }
    input.compact();
    int count = Math.min(piece.length, input.remaining());
    input.put(piece, 0, count).flip();
    if (count < piece.length) {
      pieces.addFirst(Arrays.copyOfRange(piece, count, piece.length));
    }
    return true;
  }

  byte[] sent() {
    return sent.toByteArray();
  }

  String text() {
    return sent.toString(StandardCharsets.ISO_8859_1);
  }

  /// The most that ever waited to be sent when the handler returned.
  long mostPending() {
    return mostPending;
  }

  /// Whether the connection ever was idle while it had an attachment.
  boolean idleWithAttachment() {
    return idleWithAttachment;
  }

  @Override
  public void describe(ByteBuffer text) {}

  @Override
  public ByteBuffer input() {
    return input;
  }

  @Override
  public int fill() {
    throw new AssertionError("must not block");
  }

  @Override
  public int tryFill() {
    if (input.remaining() == input.capacity()) {
      throw new BufferOverflowException();
    }
    return ended ? -1 : 0;
  }

  @Override
  public int read(ByteBuffer target) {
    throw new AssertionError("must not block");
  }

  /// As in an engine, there is no room behind something that was enqueued.
  @Override
  public ByteBuffer output() {
    return enqueued.isEmpty() ? output : FULL;
  }

  @Override
  public void write(ByteBuffer source) {
    throw new AssertionError("may block");
  }

  @Override
  public void enqueue(ByteBuffer source) {
    enqueued.add(source);
  }

  @Override
  public void sendfile(Path file, long position, long count) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer region = ByteBuffer.allocate(Math.toIntExact(count));
      int read = channel.read(region, position);
      if (read != count) {
        throw new AssertionError("promised " + count + " bytes, had " + read);
      }
      enqueue(region.flip());
    }
  }

  @Override
  public void flush() {
    byte[] bytes = new byte[output.position()];
    output.get(0, bytes);
    sent.writeBytes(bytes);
    output.clear();
    for (ByteBuffer buffer : enqueued) {
      byte[] more = new byte[buffer.remaining()];
      buffer.get(more);
      sent.writeBytes(more);
    }
    enqueued.clear();
  }

  @Override
  public long pendingOutput() {
    long pending = output.position();
    for (ByteBuffer buffer : enqueued) {
      pending += buffer.remaining();
    }
    return pending;
  }

  @Override
  public boolean mayKeepAlive() {
    return keepAlive;
  }

  @Override
  public void headComplete() {}

  @Override
  public void extendDeadline(Duration fromNow) {}

  @Override
  public void timeout(Duration timeout) {}

  @Override
  public void resume() {
    throw new IllegalStateException();
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
  public SocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public SocketAddress localAddress() {
    return local;
  }

  @Override
  public Socket socket() {
    throw new UnsupportedOperationException("this connection has no descriptor");
  }
}
