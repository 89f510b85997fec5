package org.mpm4j.examples.httpd;

import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpStatus;

/// The answer of the `hello` handler, ready to be copied; made anew when the second changes.
final class HelloResponse {
  private static final String BODY = "Hello, World!";

  /// The same answer for whom the ready bytes do not suit.
  static final Answer.Page PAGE =
      new Answer.Page(
          HttpStatus.OK_200,
          "Content-Type: text/plain\r\n",
          BODY.getBytes(StandardCharsets.US_ASCII));

  /// The bytes for one second; never changed.
  private record Ready(long second, byte[] kept, byte[] keptOld, byte[] closed) {}

  /// Written by any worker: two that find it old at the same time make the same.
  private volatile Ready ready = make(HttpDate.second());

  /// The whole response, which must not be changed.
  ///
  /// @param minor the minor HTTP version of the request
  /// @param persistent whether the connection stays open
  byte[] bytes(int minor, boolean persistent) {
    Ready now = ready;
    long second = HttpDate.second();
    if (now.second != second) {
      now = make(second);
      ready = now;
    }
    if (!persistent) {
      return now.closed;
    }
    return minor == 0 ? now.keptOld : now.kept;
  }

  private static Ready make(long second) {
    return new Ready(
        second,
        response(second, ""),
        response(second, ResponseWriter.KEEP_ALIVE),
        response(second, ResponseWriter.CLOSE));
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
