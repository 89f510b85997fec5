package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;

/// Whatever comes in: no exception, no endless loop, and what goes out is well-formed HTTP.
@Timeout(120)
final class HttpFuzzTest {
  private static final long SEED = 20_260_801;

  private static final String[] REQUESTS = {
    "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /ten.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\n\r\n",
    "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a%20b?x=y HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"a\", W/\"b\"\r\n\r\n",
  };

  private static final String[] TOKENS = {
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    "%",
    "/..",
    "HTTP/1.1",
    "Content-Length: 1",
    "Transfer-Encoding: chunked",
    "Host: b",
    "ffffffffffffffff",
    "\u00ff",
    "0\r\n\r\n",
    ";",
    ","
  };

  @TempDir static Path folder;

  private static ConnectionHandler handler;

  @BeforeAll
  static void createSite() throws IOException {
    handler = TestSite.handler(TestSite.create(folder), "LimitRequestBody 1000");
  }

  @Test
  void randomBytes() throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      serve(random, bytes);
    }
  }

  @Test
  void damagedRequests() throws Exception {
    Random random = new Random(SEED + 1);
    for (int i = 0; i < 60_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int count = random.nextInt(3); count >= 0; count--) {
        text.append(REQUESTS[random.nextInt(REQUESTS.length)]);
      }
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        damage(random, text);
      }
      serve(random, text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static void damage(Random random, StringBuilder text) {
    if (text.isEmpty()) {
      return;
    }
    int at = random.nextInt(text.length());
    switch (random.nextInt(5)) {
      case 0 -> text.setCharAt(at, (char) random.nextInt(256));
      case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
      case 2 -> text.insert(at, TOKENS[random.nextInt(TOKENS.length)]);
      case 3 -> text.setLength(at);
      default -> text.insert(at, text.substring(at / 2, at));
    }
  }

  private static void serve(Random random, byte[] bytes) throws Exception {
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + 1 + random.nextInt(bytes.length));
      pieces.add(Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
    FakeConnection connection = new FakeConnection(pieces.toArray(byte[][]::new));
    if (random.nextBoolean()) {
      connection.staysOpen();
    }
    try {
      Disposition disposition = connection.serve(handler);
      assertFalse(connection.idleWithAttachment());
      String text = connection.text();
      if (disposition == Disposition.KEEP_ALIVE || disposition == Disposition.CLOSE) {
        assertTrue(text.isEmpty() || text.startsWith("HTTP/1.1 "));
      }
      if (disposition == Disposition.CLOSE && !text.isEmpty() && !hasHead(bytes)) {
        Responses.parse(text);
      }
    } catch (Exception | AssertionError e) {
      fail(Arrays.toString(bytes) + " " + new String(bytes, StandardCharsets.ISO_8859_1), e);
    }
  }

  /// A response to HEAD announces a body that does not follow.
  private static boolean hasHead(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains("HEAD");
  }
}
