package org.mpm4j.impl.operator;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Lines from and to one client, each within a time. For one thread; an interrupt ends a wait.
final class ControlClientChannel implements AutoCloseable {
  private static final int LONGEST_LINE = 1024; // far more than the longest command
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;

  private ControlClientChannel(SocketChannel channel, Selector selector, SelectionKey key) {
    this.channel = channel;
    this.selector = selector;
    this.key = key;
  }

  static ControlClientChannel of(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    Selector selector = Selector.open();
    try {
      return new ControlClientChannel(channel, selector, channel.register(selector, 0));
    } catch (Throwable e) {
      selector.close();
      throw e;
    }
  }

  /// The client's line, without its end.
  ///
  /// @throws EOFException if it hung up without a word
  /// @throws LineTooLongException if there is no end within reason
  /// @throws IOException if it takes too long, or fails
  String readLine() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST_LINE);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      int n = channel.read(bytes);
      int end = indexOfLineFeed(bytes);
      if (end >= 0 || (n < 0 && bytes.position() > 0)) {
        int length = end >= 0 ? end : bytes.position();
        return new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
      } else if (n < 0) {
        throw new EOFException();
      } else if (!bytes.hasRemaining()) {
        throw new LineTooLongException();
      } else if (n == 0) {
        await(SelectionKey.OP_READ, deadline);
      }
    }
  }

  private static int indexOfLineFeed(ByteBuffer bytes) {
    for (int i = 0; i < bytes.position(); i++) {
      if (bytes.get(i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  /// @throws IOException if the client does not take it, or is gone
  void write(String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE, deadline);
      }
    }
  }

  private void await(int operation, long deadline) throws IOException {
    key.interestOps(operation);
    long nanos = deadline - System.nanoTime();
    if (nanos <= 0) {
      throw new SocketTimeoutException("the client is too slow");
    }
    selector.select(Math.max(1, Duration.ofNanos(nanos).toMillis()));
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }

  /// More bytes than any command has.
  static final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
