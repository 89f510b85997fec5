package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mpm4j.impl.scoreboard.WorkerScore;

/// What the status tells of what a client has sent.
final class RequestLineTest {
  private final RequestLine requestLine = new RequestLine();

  private String read(String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    int length = requestLine.read(bytes);
    assertEquals(0, bytes.position());
    return new String(requestLine.bytes(), 0, length, StandardCharsets.ISO_8859_1);
  }

  @Test
  void endsWithTheLine() {
    assertEquals("GET / HTTP/1.1", read("GET / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n"));
    assertEquals("GET / HTTP/1.1", read("\r\n\r\nGET / HTTP/1.1\nHost: a\n"));
    assertEquals("GE", read("GE"));
    assertEquals("", read(""));
    assertEquals("", read("\n"));
  }

  @Test
  void escapesWhatCannotBePrinted() {
    assertEquals("a\\x09\\x1b[2J\\xe9\\x7f\\\\n", read("a\t\u001b[2J\u00e9\u007f\\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET http://user:secret@host/ HTTP/1.1, GET http://user@host/ HTTP/1.1",
    "GET http://:secret@host/ HTTP/1.1, GET http://@host/ HTTP/1.1",
    "GET http://u:se@cret@host:80/ HTTP/1.1, GET http://u@host:80/ HTTP/1.1",
    "GET /?next=http://u:secret@h HTTP/1.1, GET /?next=http://u@h HTTP/1.1",
    "GET //u:secret@h/a//b:c@d HTTP/1.1, GET //u@h/a//b@d HTTP/1.1",
    "GET http:///u:secret@host/x HTTP/1.1, GET http:///u@host/x HTTP/1.1",
    "GET http://////u:secret@host///v:secret@h HTTP/1.1, GET http://////u@host///v@h HTTP/1.1",
    "GET http://host:80/a:b@c HTTP/1.1, GET http://host:80/a:b@c HTTP/1.1",
    "GET http://user@host:80/ HTTP/1.1, GET http://user@host:80/ HTTP/1.1",
    "GET http://user:secr, GET http://user",
  })
  void leavesOutPasswords(String sent, String shown) {
    assertEquals(shown, read(sent));
  }

  @Test
  void keepsNoPartOfALongPassword() {
    String shown = read("GET http://user:" + "secret".repeat(200) + "@host/ HTTP/1.1\r\n");
    assertEquals("GET http://user", shown);
  }

  @Test
  void isPrintableAndBoundedWhateverComes() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(700)];
      random.nextBytes(bytes);
      for (int j = 0; j < bytes.length; j++) {
        if (random.nextInt(3) > 0) {
          bytes[j] = (byte) "//:@ a\\".charAt(random.nextInt(7));
        }
      }
      String shown = read(new String(bytes, StandardCharsets.ISO_8859_1));
      assertTrue(shown.length() <= WorkerScore.REQUEST_ROOM);
      assertFalse(shown.chars().anyMatch(c -> c < ' ' || c > '~'), shown);
    }
  }
}
