package org.mpm4j.comparison.servers;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What the servers answer.
final class Answers {
  static final String HELLO = "/hello";
  static final String SLEEP = "/sleep";
  static final String ECHO = "/echo";
  static final String FILE = "/1m.bin";
  static final String TEXT = "text/plain";
  static final String BINARY = "application/octet-stream";

  /// How long `/sleep` blocks, whatever its query says: the load asks for nothing else.
  static final long SLEEP_MILLIS = 5;

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

  private Answers() {}

  /// The 13 bytes; never changed.
  static byte[] hello() {
    return Hello.BYTES;
  }

  private static final class Hello {
    static final byte[] BYTES = "Hello, World!".getBytes(StandardCharsets.US_ASCII);
  }

  /// The value of a `Date` field, for servers that do not write it themselves.
  static String date() {
    return HTTP_DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
  }

  /// The path of a request target.
  static String path(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /// Blocks as `/sleep` does.
  static void block() throws InterruptedException {
    Thread.sleep(SLEEP_MILLIS);
  }
}
