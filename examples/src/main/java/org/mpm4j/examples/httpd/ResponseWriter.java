package org.mpm4j.examples.httpd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpStatus;
import org.mpm4j.Connection;

/// Appends responses to the output of a connection without ever blocking.
final class ResponseWriter {
  static final String SERVER = "Server: mpm4j\r\n";
  static final String KEEP_ALIVE = "Connection: keep-alive\r\n";
  static final String CLOSE = "Connection: close\r\n";
  static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

  private static final int LONGEST_SIZE_LINE = 18;
  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

  private ResponseWriter() {}

  /// Appends a head.
  ///
  /// @param minor the minor HTTP version of the request
  /// @param persistent whether the connection stays open
  /// @param fields complete lines
  static void head(
      Connection connection, int minor, boolean persistent, int status, String fields) {
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(status).append(' ').append(HttpStatus.getMessage(status));
    head.append("\r\n").append(HttpDate.field()).append(SERVER);
    if (!persistent) {
      head.append(CLOSE);
    } else if (minor == 0) {
      head.append(KEEP_ALIVE);
    }
    append(connection, ascii(head.append(fields).append("\r\n").toString()));
  }

  /// Appends bytes that never change from now on.
  static void append(Connection connection, byte[] bytes) {
    ByteBuffer output = connection.output();
    if (output.remaining() >= bytes.length) {
      output.put(bytes);
    } else {
      connection.enqueue(ByteBuffer.wrap(bytes));
    }
  }

  /// Appends a copy of `bytes`, and consumes them.
  static void copy(Connection connection, ByteBuffer bytes) {
    ByteBuffer output = connection.output();
    if (output.remaining() >= bytes.remaining()) {
      output.put(bytes);
    } else {
      connection.enqueue(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
    }
  }

  /// Appends a copy of `bytes` as one chunk, and consumes them.
  static void chunk(Connection connection, ByteBuffer bytes) {
    StringBuilder size = new StringBuilder(LONGEST_SIZE_LINE);
    size.append(Integer.toHexString(bytes.remaining())).append("\r\n");
    append(connection, ascii(size.toString()));
    copy(connection, bytes);
    append(connection, LINE_END);
  }

  static void lastChunk(Connection connection) {
    append(connection, LAST_CHUNK);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
