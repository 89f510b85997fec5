package org.mpm4j.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.mpm4j.Connection;

/// Appends the pieces of messages to the output of a connection without ever blocking.
public final class MessageWriter {
  private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");
  private static final int LONGEST_SIZE_LINE = 18;
  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

  private MessageWriter() {}

  /// The bytes of a head, which are ISO 8859-1.
  public static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Appends bytes that never change from now on.
  public static void append(Connection connection, byte[] bytes) {
    ByteBuffer output = connection.output();
    if (output.remaining() >= bytes.length) {
      output.put(bytes);
    } else {
      connection.enqueue(ByteBuffer.wrap(bytes));
    }
  }

  /// Appends a copy of `bytes`, and consumes them.
  public static void copy(Connection connection, ByteBuffer bytes) {
    ByteBuffer output = connection.output();
    if (output.remaining() >= bytes.remaining()) {
      output.put(bytes);
    } else {
      connection.enqueue(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
    }
  }

  /// Appends `bytes`. They are copied if there is room; if not they are the connection's until all
  /// of the output has been sent.
  public static void put(Connection connection, ByteBuffer bytes) {
    ByteBuffer output = connection.output();
    if (output.remaining() >= bytes.remaining()) {
      output.put(bytes);
    } else {
      connection.enqueue(bytes);
    }
  }

  /// Appends a copy of `bytes` as one chunk, and consumes them.
  ///
  /// @param bytes at least one: a chunk without any ends a body
  public static void chunk(Connection connection, ByteBuffer bytes) {
    size(connection, bytes);
    copy(connection, bytes);
    append(connection, LINE_END);
  }

  /// Appends `bytes` as one chunk; they are handled as in [#put].
  ///
  /// @param bytes at least one: a chunk without any ends a body
  public static void putChunk(Connection connection, ByteBuffer bytes) {
    size(connection, bytes);
    put(connection, bytes);
    append(connection, LINE_END);
  }

  private static void size(Connection connection, ByteBuffer bytes) {
    StringBuilder size = new StringBuilder(LONGEST_SIZE_LINE);
    size.append(Integer.toHexString(bytes.remaining())).append("\r\n");
    append(connection, ascii(size.toString()));
  }

  /// Appends the end of a body in chunks.
  public static void lastChunk(Connection connection) {
    append(connection, LAST_CHUNK);
  }

  /// Appends the answer to a client that waits to hear whether to send its body.
  public static void continueBody(Connection connection) {
    append(connection, CONTINUE);
  }
}
