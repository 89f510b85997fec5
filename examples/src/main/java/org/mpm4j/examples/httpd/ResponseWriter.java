package org.mpm4j.examples.httpd;

import org.eclipse.jetty.http.HttpStatus;
import org.mpm4j.Connection;
import org.mpm4j.http.HttpDate;
import org.mpm4j.http.MessageWriter;

/// Appends the heads of responses to the output of a connection without ever blocking.
final class ResponseWriter {
  static final String SERVER = "Server: mpm4j\r\n";
  static final String KEEP_ALIVE = "Connection: keep-alive\r\n";
  static final String CLOSE = "Connection: close\r\n";

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
    MessageWriter.append(
        connection, MessageWriter.ascii(head.append(fields).append("\r\n").toString()));
  }
}
