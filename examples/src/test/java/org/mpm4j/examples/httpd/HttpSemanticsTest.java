package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.examples.httpd.Responses.Response;

/// What is answered to which request, and what becomes of the connection.
final class HttpSemanticsTest {
  @TempDir static Path folder;

  private static ConnectionHandler handler;

  /// A request and the answer it must get.
  ///
  /// @param request its lines, without line ends
  /// @param expected `STATUS` or `STATUS close`, then `Name: value` lines, then `=body`
  private record Case(String name, String request, String expected) {}

  @BeforeAll
  static void createSite() throws IOException {
    handler =
        TestSite.handler(
            TestSite.create(folder),
            """
            <Location /small>
              LimitRequestBody 4
              SetHandler echo
            </Location>
            """);
  }

  private static final List<Case> CASES = new ArrayList<>();

  private static void add(String name, String request, String expected) {
    CASES.add(new Case(name, request, expected));
  }

  private static void get(String target, String expected) {
    add("GET " + target, "GET " + target + " HTTP/1.1\nHost: a\n\n", expected);
  }

  private static void getWith(String target, String field, String expected) {
    add(
        "GET " + target + " " + field,
        "GET " + target + " HTTP/1.1\nHost: a\n" + field + "\n\n",
        expected);
  }

  private static void post(String target, String fieldsAndBody, String expected) {
    add(
        "POST " + target + " " + fieldsAndBody.replace("\n", "|"),
        "POST " + target + " HTTP/1.1\nHost: a\n" + fieldsAndBody,
        expected);
  }

  static {
    String hello = "\nContent-Type: text/plain\nContent-Length: 13\n=Hello, World!";
    get("/hello", "200\nConnection: " + hello);
    get("/hello/below?x=1", "200" + hello);
    get("http://a/hello", "200" + hello);
    get("HTTPS://a:1/hello?x", "200" + hello);
    get("http://a", "200\n=<p>home");
    get("/hellohello", "404");
    getWith("/hello", "Connection: close", "200 close\nConnection: close" + hello);
    getWith("/hello", "Connection: Foo, CLOSE", "200 close\nConnection: close" + hello);
    add("1.0", "GET /hello HTTP/1.0\n\n", "200 close\nConnection: close" + hello);
    add(
        "1.0 keep-alive",
        "GET /hello HTTP/1.0\nConnection: Keep-Alive\n\n",
        "200\nConnection: keep-alive" + hello);
    add("bare LF", "GET /hello HTTP/1.1\nHost: a\n\n", "200" + hello);
    add("HEAD hello", "HEAD /hello HTTP/1.1\nHost: a\n\n", "200\nContent-Length: 13\n=");
    add("HEAD file", "HEAD /ten.txt HTTP/1.1\nHost: a\n\n", "200\nContent-Length: 10\n=");
    add("HEAD missing", "HEAD /no HTTP/1.1\nHost: a\n\n", "404\n=");
    add("leading line ends", "\n\nGET /hello HTTP/1.1\nHost: a\n\n", "200" + hello);

    add("OPTIONS", "OPTIONS /hello HTTP/1.1\nHost: a\n\n", "200\nAllow: GET, HEAD, OPTIONS\n=");
    add("OPTIONS *", "OPTIONS * HTTP/1.1\nHost: a\n\n", "200\nAllow: GET, HEAD, OPTIONS\n=");
    add("GET *", "GET * HTTP/1.1\nHost: a\n\n", "400 close");
    post("/hello", "\n", "405\nAllow: GET, HEAD, OPTIONS");
    post("/ten.txt", "Content-Length: 3\n\nabc", "405\nAllow: GET, HEAD, OPTIONS");
    get("/echo", "405\nAllow: POST, PUT, OPTIONS");
    add("TRACE", "TRACE / HTTP/1.1\nHost: a\n\n", "405");
    add("unknown method", "BREW /pot HTTP/1.1\nHost: a\n\n", "501 close");
    add("lower case method", "get /hello HTTP/1.1\nHost: a\n\n", "501 close");
    get("/server-status", "501 close");
    get("/denied", "403");
    get("/denied/below", "403");

    add("no Host", "GET /hello HTTP/1.1\n\n", "400 close\nConnection: close");
    add("two Hosts", "GET /hello HTTP/1.1\nHost: a\nHost: b\n\n", "400 close");
    add("bad Host", "GET /hello HTTP/1.1\nHost: a b\n\n", "400 close");
    getWith("/hello", " folded", "400 close");
    getWith("/hello", "X", "400 close");
    getWith("/hello", "X : 1", "400 close");
    getWith("/hello", "X: a\0b", "400 close");
    add("no version", "GET /hello\n", "505 close");
    add("HTTP/2.0", "GET /hello HTTP/2.0\nHost: a\n\n", "505 close");
    add("HTTP/1.2", "GET /hello HTTP/1.2\nHost: a\n\n", "505 close");
    add("HTTP/2 preface", "PRI * HTTP/2.0\n\nSM\n\n", "505 close");
    add("TLS", "\u0016\u0003\u0001\u0002\0", "400 close");
    add("target without slash", "GET hello HTTP/1.1\nHost: a\n\n", "400 close");
    get("/" + "a".repeat(9000), "414 close");
    get("/" + "a".repeat(70_000), "414 close");
    getWith("/hello", "X: " + "a".repeat(9000), "431 close");
    getWith("/hello", "X: 1\n".repeat(101) + "Y: 1", "431 close");

    post("/echo", "Content-Length: 5\n\nhello", "200\nContent-Length: 5\n=hello");
    post("/echo", "Content-Length: 0\n\n", "200\nContent-Length: 0\n=");
    post("/echo", "\n", "200\nContent-Length: 0\n=");
    post(
        "/echo",
        "Content-Type: a/b\nContent-Length: 1\n\nx",
        "200\nContent-Type: a/b\nX-Content-Type-Options: nosniff\n=x");
    post(
        "/echo",
        "Transfer-Encoding: chunked\n\n3\nabc\n2;e=1\nde\n0\nTrailer: 1\n\n",
        "200\nTransfer-Encoding: chunked\n=abcde");
    post("/echo", "Transfer-Encoding: CHUNKED\n\n0\n\n", "200\n=");
    post("/echo", "Expect: 100-continue\nContent-Length: 2\n\nhi", "200\n=hi");
    post("/echo", "Expect: tea\nContent-Length: 2\n\nhi", "417 close");
    post("/denied", "Expect: 100-continue\nContent-Length: 2\n\n", "403 close");
    post("/small", "Content-Length: 4\n\nabcd", "200\n=abcd");
    post("/small", "Content-Length: 5\n\nabcde", "413 close");
    post("/small", "Expect: 100-continue\nContent-Length: 5\n\n", "413 close");
    post("/small", "Transfer-Encoding: chunked\n\n5\nabcde\n0\n\n", "413 close");
    post("/small", "Transfer-Encoding: chunked\n\n2\nab\n3\ncde\n0\n\n", "abort");
    post("/echo", "Transfer-Encoding: chunked\n\nx", "400 close");
    post("/echo", "Transfer-Encoding: chunked\n\n2\nabX", "abort");
    post("/echo", "Content-Length: 9\n\n", "400 close"); // and ends its stream
    post("/hello", "Transfer-Encoding: chunked\n\n5\nabcde\n0\n\n", "405");
    post("/hello", "Transfer-Encoding: chunked\n\n5\nabcdeX", "400 close");
    post("/hello", "Content-Length: 9\n\nabc", "400 close"); // and ends its stream
    post("/echo", "Content-Length: 9\n\nabc", "abort");
    post("/echo", "Content-Length: " + (2L << 30) + "\n\n", "413 close");

    // framing that two servers could understand differently
    String[] smuggled = {
      "Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
      "Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n",
      "Content-Length: 5\nContent-Length: 5\n\nhello",
      "Content-Length: 5\nContent-Length: 6\n\nhello",
      "Content-Length: 5, 5\n\nhello",
      "Content-Length: +5\n\nhello",
      "Content-Length: -5\n\nhello",
      "Content-Length: 0x5\n\nhello",
      "Content-Length: 5 5\n\nhello",
      "Content-Length:\n\n",
      "Content-Length: 99999999999999999999\n\n",
      "Transfer-Encoding: xchunked\n\n",
      "Transfer-Encoding: identity\n\n",
      "Transfer-Encoding: \"chunked\"\n\n",
      "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
      "Transfer-Encoding : chunked\n\n0\n\n",
      "Transfer-Encoding:\n chunked\n\n0\n\n",
    };
    for (String framing : smuggled) {
      post("/echo", framing, framing.contains("\"chunked\"") ? "501 close" : "400 close");
    }
    post("/echo", "Transfer-Encoding: gzip, chunked\n\n0\n\n", "501 close");
    add("1.0 chunked", "POST /echo HTTP/1.0\nTransfer-Encoding: chunked\n\n0\n\n", "400 close");

    get("/sleep?ms=0", "200\n=Slept 0 ms.\n");
    get("/sleep?x=1&ms=1", "200\n=Slept 1 ms.\n");
    for (String query : new String[] {"", "?", "?ms=", "?ms=x", "?ms=-1", "?ms=60001", "?ms=1e3"}) {
      get("/sleep" + query, "400 close");
    }
  }

  @TestFactory
  List<DynamicTest> answers() {
    return CASES.stream()
        .map(each -> DynamicTest.dynamicTest(shorter(each.name), () -> check(each)))
        .toList();
  }

  private static String shorter(String name) {
    return name.length() <= 100 ? name : name.substring(0, 100) + "...";
  }

  private static void check(Case each) throws Exception {
    FakeConnection connection = new FakeConnection(wire(each.request));
    Disposition disposition = connection.serve(handler);
    if (each.expected.equals("abort")) {
      assertEquals(Disposition.ABORT, disposition, each.name);
      return;
    }
    Response response = Responses.only(connection.text(), each.request.strip().startsWith("HEAD "));
    List<String> lines = each.expected.lines().collect(Collectors.toList());
    String status = lines.removeFirst();
    assertEquals(status.substring(0, 3), Integer.toString(response.status()), each.name);
    boolean closes = status.endsWith("close");
    assertEquals(
        closes ? Disposition.CLOSE : Disposition.KEEP_ALIVE, disposition, connection.text());
    assertEquals(closes, response.field("Connection").equals("close"));
    for (String line : lines) {
      if (line.startsWith("=")) {
        assertEquals(
            each.expected.substring(each.expected.indexOf("\n=") + 2), response.body(), each.name);
        break;
      }
      int colon = line.indexOf(": ");
      assertEquals(line.substring(colon + 2), response.field(line.substring(0, colon)));
    }
  }

  /// Line ends as they are on the wire, but for the case that wants them bare.
  private static byte[] wire(String request) {
    return Responses.bytes(request.replace("\n", "\r\n"));
  }

  /// Wherever a request is cut, and however often, the answer is the same.
  @Test
  void answersAreTheSameHoweverTheRequestIsCut() throws Exception {
    for (Case each : CASES) {
      byte[] request = wire(each.request);
      if (request.length > 600 || dependsOnTheCut(each)) {
        continue;
      }
      FakeConnection whole = new FakeConnection(request);
      Disposition disposition = whole.serve(handler);
      String expected = withoutDate(whole.text());
      for (int cut = 1; cut < request.length; cut++) {
        FakeConnection two =
            new FakeConnection(
                java.util.Arrays.copyOfRange(request, 0, cut),
                java.util.Arrays.copyOfRange(request, cut, request.length));
        assertEquals(disposition, two.serve(handler), each.name + " cut at " + cut);
        assertSameAnswer(expected, two.text(), each.name + " cut at " + cut);
      }
      byte[][] single = new byte[request.length][];
      for (int i = 0; i < request.length; i++) {
        single[i] = new byte[] {request[i]};
      }
      FakeConnection bytes = new FakeConnection(single);
      assertEquals(disposition, bytes.serve(handler), each.name + " byte by byte");
      assertSameAnswer(expected, bytes.text(), each.name + " byte by byte");
    }
  }

  /// Whether the request turns out to be wrong in its body, when an echo may have begun.
  private static boolean dependsOnTheCut(Case each) {
    return each.request.contains("chunked")
        && (each.expected.equals("abort") || each.expected.startsWith("413"));
  }

  /// An aborted answer may have got as far as the cut allowed; chunks are cut as the pieces were.
  private static void assertSameAnswer(String expected, String actual, String what) {
    String text = withoutDate(actual);
    if (expected.contains("chunked")) {
      assertEquals(Responses.parse(addDate(expected)).getLast().body(), body(actual), what);
    } else if (!expected.isEmpty() && !text.isEmpty() && !what.contains("Content-Length: 9")) {
      assertEquals(
          expected.replace("HTTP/1.1 100 Continue\r\n\r\n", ""),
          text.replace("HTTP/1.1 100 Continue\r\n\r\n", ""),
          what);
    }
  }

  private static String body(String text) {
    return Responses.parse(text).getLast().body();
  }

  private static String addDate(String text) {
    return text.replace("\r\nServer:", "\r\nDate: x\r\nServer:");
  }

  private static final Pattern DATE = Pattern.compile("Date: [^\r]*\r\n");

  private static String withoutDate(String text) {
    return DATE.matcher(text).replaceAll("");
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    String hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
    String echo = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nfour";
    String file = "GET /ten.txt HTTP/1.1\r\nHost: a\r\n\r\n";
    FakeConnection connection = FakeConnection.of(hello + echo + file + hello);
    assertEquals(Disposition.KEEP_ALIVE, connection.serve(handler));
    assertEquals(
        List.of("Hello, World!", "four", "0123456789", "Hello, World!"),
        Responses.parse(connection.text()).stream().map(Response::body).toList());
    assertFalse(connection.idleWithAttachment());
  }

  @Test
  void manyPipelinedRequestsDoNotPileUpAnswers() throws Exception {
    int count = 20_000;
    FakeConnection connection =
        FakeConnection.of("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
    assertEquals(Disposition.KEEP_ALIVE, connection.serve(handler));
    assertEquals(count, Responses.parse(connection.text()).size());
    assertTrue(connection.mostPending() < 2 * HttpConnectionHandler.MOST_PENDING);
  }

  @Test
  void nothingIsAnsweredBehindAnErrorOrAClose() throws Exception {
    for (String first :
        new String[] {
          "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
          "GET /hello HTTP/1.1\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n"
        }) {
      FakeConnection connection =
          FakeConnection.of(first + "GET /ten.txt HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(Disposition.CLOSE, connection.serve(handler));
      assertEquals(1, Responses.parse(connection.text()).size());
    }
  }

  @Test
  void theLastExchangeThatMayBeServedSaysClose() throws Exception {
    FakeConnection connection =
        FakeConnection.of("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").withoutKeepAlive();
    assertEquals(Disposition.CLOSE, connection.serve(handler));
    assertEquals("close", Responses.only(connection.text(), false).field("Connection"));
  }

  @Test
  void aClientThatWaitsIsToldToContinue() throws Exception {
    FakeConnection connection =
        new FakeConnection(
                wire("POST /echo HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\n"))
            .staysOpen();
    assertEquals(Disposition.AWAIT_READABLE, connection.serve(handler));
    assertTrue(connection.text().startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
  }

  @Test
  void aClientThatTakesTooLongIsTold() throws Exception {
    FakeConnection head = FakeConnection.of("GET /hello HTTP/1.1\r\nHo").staysOpen();
    assertEquals(Disposition.AWAIT_READABLE, head.serve(handler));
    assertEquals(Disposition.CLOSE, handler.timedOut(head));
    head.flush();
    assertEquals(408, Responses.only(head.text(), false).status());

    FakeConnection echo =
        FakeConnection.of("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx")
            .staysOpen();
    assertEquals(Disposition.AWAIT_READABLE, echo.serve(handler));
    assertEquals(Disposition.ABORT, handler.timedOut(echo));
  }

  @Test
  void aClientThatLeavesEarlyGetsNoAnswer() throws Exception {
    FakeConnection connection = FakeConnection.of("GET /hel");
    assertEquals(Disposition.CLOSE, connection.serve(handler));
    assertEquals("", connection.text());
  }

  @Test
  void theEndOfABodyNeedsNoEndOfTheStream() throws Exception {
    for (String body :
        new String[] {"Content-Length: 2\n\nab", "Transfer-Encoding: chunked\n\n2\nab\n0\n\n"}) {
      for (String target : new String[] {"/echo", "/hello"}) {
        byte[] request = wire("POST " + target + " HTTP/1.1\nHost: a\n" + body);
        FakeConnection connection = new FakeConnection(request).staysOpen();
        assertEquals(Disposition.KEEP_ALIVE, connection.serve(handler));
        assertEquals(
            target.equals("/echo") ? 200 : 405, Responses.only(connection.text(), false).status());
      }
    }
  }

  @Test
  void aLongEchoIsNotKept() throws Exception {
    String body = "0123456789abcdef".repeat(64 * 1024);
    FakeConnection sized =
        FakeConnection.of(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
    assertEquals(Disposition.KEEP_ALIVE, sized.serve(handler));
    assertEquals(body, Responses.only(sized.text(), false).body());
    assertTrue(sized.mostPending() <= 64 * 1024, () -> "kept " + sized.mostPending());

    FakeConnection chunked =
        FakeConnection.of(
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "100000\r\n"
                + body
                + "\r\n0\r\n\r\n");
    assertEquals(Disposition.KEEP_ALIVE, chunked.serve(handler));
    assertEquals(body, Responses.only(chunked.text(), false).body());
    assertTrue(chunked.mostPending() <= 64 * 1024, () -> "kept " + chunked.mostPending());
  }
}
