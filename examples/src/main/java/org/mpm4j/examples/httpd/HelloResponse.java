package org.mpm4j.examples.httpd;

import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpStatus;
import org.mpm4j.http.HttpDate;

/// The answer of the `hello` handler, ready to be copied; made anew when the second changes.
final class HelloResponse {
  private static final String BODY = "Hello, World!";

  /// The same answer for whom the ready bytes do not suit.
  static final Answer.Page PAGE =
      new Answer.Page(HttpStatus.OK_200, "Content-Type: text/plain\r\n", BODY);

  /// The bytes for one second; never changed.
  private static final class Ready {
    final long second;
    final byte[] kept;
    final byte[] keptOld;
    final byte[] closed;

    Ready(long second) {
      this.second = second;
      kept = response(second, "");
      keptOld = response(second, ResponseWriter.KEEP_ALIVE);
      closed = response(second, ResponseWriter.CLOSE);
    }
  }

  /// Written by any worker: two that find it old at the same time make the same.
  private volatile Ready ready = new Ready(HttpDate.second());

  /// The whole response, which must not be changed.
  ///
  /// @param minor the minor HTTP version of the request
  /// @param persistent whether the connection stays open
  byte[] bytes(int minor, boolean persistent) {
    Ready now = ready;
    long second = HttpDate.second();
    if (now.second != second) {
      now = new Ready(second);
      ready = now;
    }
    if (!persistent) {
      return now.closed;
    }
    return minor == 0 ? now.keptOld : now.kept;
  }

  private static byte[] response(long second, String connection) {
    String response =
        "HTTP/1.1 200 OK\r\n"
            + HttpDate.field(second)
            + ResponseWriter.SERVER
            + connection
            + "Content-Type: text/plain\r\nContent-Length: "
            + BODY.length()
            + "\r\n\r\n"
            + BODY;
    return response.getBytes(StandardCharsets.ISO_8859_1);
  }
}
