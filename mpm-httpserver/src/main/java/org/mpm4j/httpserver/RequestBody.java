package org.mpm4j.httpserver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.Disposition;
import org.mpm4j.http.RequestReader;

/// The body of a request. One thread at a time.
///
/// It holds the piece that was received last, at most as large as a worker's input buffer.
final class RequestBody extends InputStream {
  private final ExchangeChannel channel;
  private byte[] piece = new byte[0];
  private int next;
  private int end;
  private boolean ended;
  private boolean closed;

  RequestBody(ExchangeChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read() throws IOException {
    requireOpen();
    return received() ? piece[next++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    requireOpen();
    if (length == 0) {
      return 0;
    }
    if (!received()) {
      return -1;
    }
    int count = Math.min(length, end - next);
    System.arraycopy(piece, next, target, offset, count);
    next += count;
    return count;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("Stream is closed");
    }
  }

  /// Whether there is a byte, after waiting for one.
  private boolean received() throws IOException {
    if (next == end && !ended) {
      channel.perform(this::receive);
    }
    return next < end;
  }

  /// Takes the next piece, or finds the end.
  private @Nullable Disposition receive(Connection connection, RequestReader reader)
      throws IOException {
    while (true) {
      if (reader.complete()) {
        ended = true;
        return null;
      }
      reader.parse(connection.input());
      ByteBuffer content = reader.takeContent();
      if (content.hasRemaining()) {
        store(content);
        return null;
      }
      if (reader.brokenBody()) {
        throw new IOException("the chunks of the request body are malformed");
      }
      if (!reader.complete() && !connection.input().hasRemaining()) {
        int count = connection.tryFill();
        if (count < 0) {
          throw new IOException("connection closed before all data received");
        } else if (count == 0) {
          return Disposition.AWAIT_READABLE;
        }
      }
    }
  }

  private void store(ByteBuffer content) {
    int count = content.remaining();
    if (piece.length < count) {
      piece = new byte[count];
    }
    content.get(piece, 0, count);
    next = 0;
    end = count;
  }

  @Override
  public int available() throws IOException {
    return closed ? 0 : end - next;
  }

  /// Ends the reading. What the client still sends is dropped when the exchange ends.
  @Override
  public void close() {
    closed = true;
    piece = new byte[0];
    next = 0;
    end = 0;
  }
}
