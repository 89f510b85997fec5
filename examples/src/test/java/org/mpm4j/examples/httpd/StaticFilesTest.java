package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.examples.httpd.Responses.Response;

/// Files: names, types, folders, conditions, ranges; and that nothing outside the root is served.
final class StaticFilesTest {
  @TempDir static Path folder;

  private static ConnectionHandler handler;

  @BeforeAll
  static void createSite() throws IOException {
    handler = TestSite.handler(TestSite.create(folder), "AddType text/odd .xyz2 qq");
  }

  private static Response get(String target, String... fields) throws Exception {
    return request("GET", target, fields);
  }

  private static Response request(String method, String target, String... fields) throws Exception {
    StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: a\r\n");
    for (String field : fields) {
      request.append(field).append("\r\n");
    }
    FakeConnection connection =
        new FakeConnection(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    connection.serve(handler);
    return Responses.only(connection.text(), method.equals("HEAD"));
  }

  @ParameterizedTest
  @CsvSource({
    "/, <p>home, text/html; charset=utf-8",
    "/index.html, <p>home, text/html; charset=utf-8",
    "/ten.txt, 0123456789, text/plain; charset=utf-8",
    "/ten.txt?query, 0123456789, text/plain; charset=utf-8",
    "//ten.txt, 0123456789, text/plain; charset=utf-8",
    "/./sub/../ten.txt, 0123456789, text/plain; charset=utf-8",
    "/%74en.txt, 0123456789, text/plain; charset=utf-8",
    "/sub/, <p>sub, text/html; charset=utf-8",
    "/sub/two%20words/, <p>deep, text/html; charset=utf-8",
    "/a%20b%23%25.txt, odd name, text/plain; charset=utf-8",
    "/caf%C3%A9.txt, accent, text/plain; charset=utf-8",
    "/caf\u00e9.txt, accent, text/plain; charset=utf-8",
    "/.hidden, dotfile, application/octet-stream",
    "/unknown.xyz, ?, application/octet-stream",
    "/inside, 0123456789, text/plain; charset=utf-8",
    "/bare/file.txt, in a folder without index, text/plain; charset=utf-8",
  })
  void serves(String target, String body, String type) throws Exception {
    assumeTrue(TestSite.HAS_ACCENTS || !target.startsWith("/caf"));
    Response response = get(target);
    assertEquals(200, response.status());
    assertEquals(body, response.body());
    assertEquals(type, response.field("Content-Type"));
    assertEquals(TestSite.MODIFIED, response.field("Last-Modified"));
    assertEquals("bytes", response.field("Accept-Ranges"));
  }

  @ParameterizedTest
  @CsvSource({
    "/missing, 404",
    "/ten.txt/, 404",
    "/ten.txt/more, 404",
    "/bare/, 403",
    "/.htpasswd, 403",
    "/%2ehtpasswd, 403",
    "/sub/.htaccess, 403",
    "/innocent, 403",
    "/outside, 403",
    "/out, 403",
    "/out/, 403",
    "/out/secret.txt, 403",
    "/loop, 404",
    "/../secret.txt, 400",
    "/sub/../../secret.txt, 400",
    "/%2e%2e/secret.txt, 400",
    "/.%2e/secret.txt, 400",
    "/sub%2f..%2f..%2fsecret.txt, 404",
    "/..%2fsecret.txt, 404",
    "/%252e%252e/secret.txt, 404",
    "/..%5csecret.txt, 404",
    "/ten.txt%00.html, 404",
    "/ten%.txt, 400",
    "/ten%2.txt, 400",
    "/ten%2, 400",
    "/ten%zz.txt, 400",
    "/ten%+1.txt, 400",
    "/%ff, 404",
    "/%c0%ae%c0%ae/secret.txt, 404",
    "/ten.txt#fragment, 400",
  })
  void refuses(String target, int status) throws Exception {
    Response response = get(target);
    assertEquals(status, response.status());
    assertFalse(response.body().contains("secret"));
  }

  @Test
  void refusesWhatItMayNotRead() throws Exception {
    Path file = folder.resolve("root/unreadable.txt");
    Files.writeString(file, "no");
    assertTrue(file.toFile().setReadable(false, false));
    int expected = Files.isReadable(file) ? 200 : 403; // root may read everything
    assertEquals(expected, get("/unreadable.txt").status());
  }

  @Test
  void refusesNamesThatAreTooLong() throws Exception {
    assertEquals(404, get("/" + "a".repeat(5000)).status());
  }

  @Test
  void leadsToFolders() throws Exception {
    Response response = get("/sub?a=b");
    assertEquals(301, response.status());
    assertEquals("/sub/?a=b", response.field("Location"));
    assertEquals("/sub/two%20words/", get("/sub/two%20words").field("Location"));
    assertEquals("/sub/", get("//sub").field("Location"));
  }

  @Test
  void knowsWhatTheClientHas() throws Exception {
    Response first = get("/ten.txt");
    String tag = first.field("ETag");
    assertTrue(tag.startsWith("\""), tag);
    for (String field :
        new String[] {
          "If-None-Match: " + tag,
          "If-None-Match: \"x\", W/" + tag,
          "If-None-Match: *",
          "If-Modified-Since: " + TestSite.MODIFIED,
          "If-Modified-Since: Sun, 04 Feb 2024 00:00:00 GMT",
          "If-Match: " + tag + "\r\nIf-None-Match: " + tag,
        }) {
      Response again = get("/ten.txt", field);
      assertEquals(304, again.status(), field);
      assertEquals(tag, again.field("ETag"));
      assertEquals("", again.field("Content-Length"));
    }
    for (String field :
        new String[] {
          "If-None-Match: \"x\"",
          "If-None-Match: \"x\"\r\nIf-Modified-Since: " + TestSite.MODIFIED,
          "If-Modified-Since: Fri, 02 Feb 2024 00:00:00 GMT",
          "If-Modified-Since: yesterday",
          "If-Match: *",
          "If-Match: " + tag,
          "If-Unmodified-Since: " + TestSite.MODIFIED,
          "If-Unmodified-Since: never",
        }) {
      assertEquals(200, get("/ten.txt", field).status(), field);
    }
    for (String field :
        new String[] {
          "If-Match: \"x\"",
          "If-Match: W/" + tag,
          "If-Unmodified-Since: Fri, 02 Feb 2024 00:00:00 GMT"
        }) {
      assertEquals(412, get("/ten.txt", field).status(), field);
    }
  }

  @Test
  void aFileOfThisSecondHasAWeakTag() throws Exception {
    Path file = folder.resolve("root/new.txt");
    Files.writeString(file, "new");
    Files.setLastModifiedTime(
        file, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    Response response = get("/new.txt");
    assertTrue(response.field("ETag").startsWith("W/\""));
    assertEquals(
        200, get("/new.txt", "Range: bytes=0-0", "If-Range: " + response.field("ETag")).status());
    assertEquals(response.field("Date"), response.field("Last-Modified"));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-3, 0123, bytes 0-3/10",
    "bytes=3-3, 3, bytes 3-3/10",
    "bytes=7-, 789, bytes 7-9/10",
    "bytes=-2, 89, bytes 8-9/10",
    "bytes=-100, 0123456789, bytes 0-9/10",
    "bytes=5-1000, 56789, bytes 5-9/10",
    "BYTES = 0-0, 0, bytes 0-0/10",
    "bytes=0-9999999999999999999, 0123456789, bytes 0-9/10",
  })
  void sendsAPart(String range, String body, String contentRange) throws Exception {
    Response response = get("/ten.txt", "Range: " + range);
    assertEquals(206, response.status());
    assertEquals(body, response.body());
    assertEquals(contentRange, response.field("Content-Range"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=0-1,3-4",
        "bytes=4-3",
        "bytes=-",
        "bytes=a-b",
        "lines=1-2",
        "bytes 0-1",
        "0-1",
        ""
      })
  void sendsAllWhereTheRangeIsNotForIt(String range) throws Exception {
    Response response = get("/ten.txt", "Range: " + range);
    assertEquals(200, response.status());
    assertEquals("0123456789", response.body());
  }

  @Test
  void sendsNoPartThatIsNotThere() throws Exception {
    for (String range : new String[] {"bytes=10-", "bytes=10-20", "bytes=-0"}) {
      Response response = get("/ten.txt", "Range: " + range);
      assertEquals(416, response.status(), range);
      assertEquals("bytes */10", response.field("Content-Range"));
    }
    assertEquals(416, get("/empty.txt", "Range: bytes=0-0").status());
    assertEquals(200, request("HEAD", "/ten.txt", "Range: bytes=10-").status());
  }

  @Test
  void sendsAPartOfTheSameVersionOnly() throws Exception {
    String tag = get("/ten.txt").field("ETag");
    assertEquals(206, get("/ten.txt", "Range: bytes=0-1", "If-Range: " + tag).status());
    assertEquals(
        206, get("/ten.txt", "Range: bytes=0-1", "If-Range: " + TestSite.MODIFIED).status());
    for (String other :
        new String[] {"\"x\"", "W/" + tag, "Sun, 04 Feb 2024 00:00:00 GMT", "nonsense"}) {
      assertEquals(200, get("/ten.txt", "Range: bytes=0-1", "If-Range: " + other).status(), other);
    }
  }

  /// Whatever path is asked for, no byte of the file beside the root comes out.
  @Test
  void noPathLeadsOut() throws Exception {
    String[] parts = {
      "..",
      ".",
      "/",
      "//",
      "%2e",
      "%2E%2e",
      "%2f",
      "%5c",
      "\\",
      "secret.txt",
      "sub",
      "out",
      "outside",
      "%00",
      "a",
      "%c0%af",
      "%252f",
      ".ht",
      ";",
      "?",
      "loop",
      "inside"
    };
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder target = new StringBuilder("/");
      for (int part = random.nextInt(7); part >= 0; part--) {
        target.append(parts[random.nextInt(parts.length)]);
      }
      Response response = get(target.toString());
      assertFalse(response.body().contains("secret"), target::toString);
    }
  }
}
