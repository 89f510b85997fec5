package org.mpm4j.httpserver;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.Disposition;
import org.mpm4j.http.MessageWriter;
import org.mpm4j.http.RequestReader;

/// The body of a response, and its head in front of the first bytes. One thread at a time.
///
/// It holds at most [#MOST_HELD] bytes; what is written beyond that has been taken by the kernel
/// when the write returns.
final class ResponseBody extends OutputStream {
  /// How the client finds the end of the body.
  enum Framing {
    FIXED,
    CHUNKED,
    UNTIL_CLOSE
  }

  private static final int MOST_HELD = 8192;
  private static final byte[] NOTHING = new byte[0];

  private final ExchangeChannel channel;
  private final RequestBody request;
  private byte @Nullable [] head;
  private Framing framing = Framing.FIXED;
  private boolean keep;
  private long remaining;
  private byte[] held = NOTHING;
  private int count;
  private boolean open;
  private boolean closed;

  /// @param request the other body, which is closed with this one
  ResponseBody(ExchangeChannel channel, RequestBody request) {
    this.channel = channel;
    this.request = request;
  }

  /// Lets the body begin.
  ///
  /// @param newHead the bytes of the head, which are not changed from now on
  /// @param length of the body, if that is fixed
  /// @param keepConnection whether the connection may serve another exchange
  void open(byte[] newHead, Framing newFraming, long length, boolean keepConnection) {
    head = newHead;
    framing = newFraming;
    remaining = length;
    keep = keepConnection;
    open = true;
  }

  /// Whether all bytes that were announced were written, and it was not closed yet.
  boolean full() {
    return open && !closed && framing == Framing.FIXED && remaining == 0;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    requireHead();
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return;
    }
    if (closed) {
      throw new IOException("stream closed");
    }
    if (framing == Framing.FIXED) {
      if (length > remaining) {
        throw new IOException("too many bytes to write to stream"); // still open, as the JDK's
      }
      remaining -= length;
    }
    if (length > MOST_HELD - count) {
      send(bytes, offset, length);
    } else {
      hold(bytes, offset, length);
    }
  }

  private void hold(byte[] bytes, int offset, int length) {
    if (held.length < count + length) {
      boolean allOfIt = framing == Framing.FIXED && count == 0 && remaining == 0;
      held = Arrays.copyOf(held, allOfIt ? length : MOST_HELD);
    }
    System.arraycopy(bytes, offset, held, count, length);
    count += length;
  }

  private void requireHead() throws IOException {
    if (!open) {
      throw new IOException("response headers not sent yet");
    }
  }

  /// Sends what is held, and `bytes` behind it.
  private void send(byte[] bytes, int offset, int length) throws IOException {
    try {
      channel.perform(
          new Once(connection -> {
            appendHeld(connection);
            append(connection, ByteBuffer.wrap(bytes, offset, length));
          }));
    } catch (IOException e) {
      channel.abort(); // who knows how much of it was sent
      throw e;
    }
  }

  private void appendHeld(Connection connection) {
    if (head != null) {
      MessageWriter.append(connection, head);
      head = null;
    }
    append(connection, ByteBuffer.wrap(held, 0, count));
    count = 0;
  }

  /// Appends bytes that stay as they are until the step is done.
  private void append(Connection connection, ByteBuffer bytes) {
    if (!bytes.hasRemaining()) {
      return;
    }
    if (framing == Framing.CHUNKED) {
      MessageWriter.putChunk(connection, bytes);
    } else {
      MessageWriter.put(connection, bytes);
    }
  }

  @Override
  public void flush() throws IOException {
    requireHead();
    if (closed && framing == Framing.CHUNKED) {
      throw new IOException("stream closed");
    }
    if (!closed && (head != null || count > 0)) {
      send(NOTHING, 0, 0);
    }
  }

  @Override
  public void close() throws IOException {
    requireHead();
    if (closed) {
      return;
    }
    closed = true;
    if (framing == Framing.FIXED && remaining > 0) {
      channel.abort();
      throw new IOException("insufficient bytes written to stream");
    }
    request.close();
    channel.complete(
        new Once(connection -> {
          appendHeld(connection);
          if (framing == Framing.CHUNKED) {
            MessageWriter.lastChunk(connection);
          }
        }),
        keep);
  }

  /// A step that appends something and is done when the kernel has taken it.
  private static final class Once implements ExchangeChannel.Step {
    private final Consumer<Connection> output;
    private boolean appended;

    Once(Consumer<Connection> output) {
      this.output = output;
    }

    @Override
    public @Nullable Disposition run(Connection connection, RequestReader reader) {
      if (appended) {
        return null;
      }
      appended = true;
      output.accept(connection);
      return Disposition.AWAIT_WRITABLE;
    }
  }
}
