package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.examples.httpd.HttpdProcesses.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ProcessModel;
import org.mpm4j.status.ApacheExporter;
import org.mpm4j.status.AutoParser;
import org.mpm4j.status.MetricsParser;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/// What a real server tells about itself on `StatusListen`, whatever its clients and children do.
@Timeout(240)
final class StatusListenIT {
  private static final int CLIENTS = 3;
  private static final String ACCESSES = "Total Accesses";
  private static final String PASSWORD = "hunter2";
  private static final String SECRET_URL = "http://user:" + PASSWORD + "@host/";

  /// A pool that keeps its size, so that the number of all workers is known.
  private static final String PREFORK =
      """
      StartServers 3
      MinSpareServers 1
      MaxSpareServers 3
      MaxRequestWorkers 3
      """;

  private static final String THREADED =
      """
      StartServers 2
      MinSpareThreads 1
      MaxSpareThreads 8
      ThreadsPerChild 4
      MaxRequestWorkers 8
      """;

  private static final String[] PIECES = {
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "&amp;&#x3c;&",
    "]]>",
    "<!--",
    "\0\u0001\u001b[31m\u007f\u0085",
    "\u00c3(\u00ff\u00fe\u00ed\u00a0\u0080", // as bytes no UTF-8
    "\\\" \\u0000",
    "%00%0d%0aScoreboard: WWW",
    "{}[]:,",
    "# EOF",
    "\t",
    " ",
    "/..;/",
    "/hello",
    " " + SECRET_URL,
    "?u=" + SECRET_URL,
    " " + SECRET_URL.replace("//", "///"),
    "//" + SECRET_URL.substring(SECRET_URL.indexOf('/'))
  };

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Socket> open = new ArrayList<>();
  private HttpdProcesses processes = new HttpdProcesses(Path.of(""));
  private Path pidFile = Path.of("");
  private int statusPort;

  @BeforeEach
  void use() throws IOException {
    processes = new HttpdProcesses(folder);
    pidFile = folder.resolve("httpd.pid");
    statusPort = ApacheExporter.freePort();
  }

  @AfterEach
  void end() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    client.close();
    processes.close();
  }

  private HttpdProcesses.Running start(ProcessModel model) throws Exception {
    Path conf = folder.resolve("httpd.conf");
    Files.writeString(
        conf,
        """
        Mpm %s
        Listen 127.0.0.1:0
        StatusListen 127.0.0.1:%d
        MaxKeepAliveRequests 0
        <Location /hello>
          SetHandler hello
        </Location>
        <Location /sleep>
          SetHandler sleep
        </Location>
        %s\
        """
            .formatted(
                model.httpdName(), statusPort, model == ProcessModel.PREFORK ? PREFORK : THREADED));
    return processes.start("-f", conf.toString(), "-c", "PidFile " + pidFile);
  }

  private URI page(String target) {
    return URI.create("http://127.0.0.1:" + statusPort + target);
  }

  private String get(String target, Duration patience) throws Exception {
    HttpResponse<String> reply =
        client.send(
            HttpRequest.newBuilder(page(target)).timeout(patience).build(),
            BodyHandlers.ofString());
    assertEquals(200, reply.statusCode(), reply::body);
    return reply.body();
  }

  private String get(String target) throws Exception {
    return get(target, Duration.ofSeconds(90));
  }

  private Map<String, String> auto() throws Exception {
    return AutoParser.parse(get("/server-status?auto"));
  }

  private static int number(Map<String, String> auto, String key) {
    return Integer.parseInt(Objects.requireNonNull(auto.get(key), key));
  }

  private static Socket connect(HttpdProcesses.Running server) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), URI.create(server.url("")).getPort());
  }

  /// Sends a request for a long sleep.
  private void sleep(HttpdProcesses.Running server, String query) throws IOException {
    Socket socket = connect(server);
    open.add(socket);
    socket
        .getOutputStream()
        .write(latin1("GET /sleep?ms=60000" + query + " HTTP/1.1\r\nHost: a\r\n\r\n"));
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// One answer in time is enough: the machine may be slower than any server, but a page that
  /// needed a worker would not come for a minute.
  @ParameterizedTest
  @EnumSource
  void answersWithinASecondWhenEveryWorkerSleeps(ProcessModel model) throws Exception {
    HttpdProcesses.Running server = start(model);
    for (int i = 0; i < 200; i++) {
      sleep(server, "");
    }
    int workers = model == ProcessModel.PREFORK ? 3 : 8;
    await("every worker sleeps", () -> number(auto(), "BusyWorkers") == workers);
    await(
        "answers within a second",
        () -> {
          try {
            Map<String, String> auto =
                AutoParser.parse(get("/server-status?auto", Duration.ofSeconds(1)));
            assertEquals(workers, number(auto, "BusyWorkers"));
            assertEquals(0, number(auto, "IdleWorkers"));
            return true;
          } catch (HttpTimeoutException _) {
            return false;
          }
        });
    var _ = looksWell();
  }

  @ParameterizedTest
  @EnumSource
  void anExporterForHttpdReadsItUnderLoad(ProcessModel model) throws Exception {
    HttpdProcesses.Running server = start(model);
    try (ApacheExporter exporter =
        ApacheExporter.start(page("/server-status?auto"), folder.resolve("exporter.log"))) {
      int answered;
      try (Load load = new Load(server)) {
        int before = 0;
        for (int i = 0; i < 8; i++) {
          int goal = before + 1;
          await("progress", () -> number(auto(), ACCESSES) >= goal);
          int least = number(auto(), ACCESSES);
          double read = Objects.requireNonNull(exporter.scrape().get("apache_accesses_total"));
          int most = number(auto(), ACCESSES);
          assertTrue(least <= read && read <= most, least + " <= " + read + " <= " + most);
          before = most;
        }
        answered = load.end();
      }
      await(
          "all is counted and idle",
          () -> {
            Map<String, String> auto = auto();
            return number(auto, ACCESSES) == answered && number(auto, "BusyWorkers") == 0;
          });
      Map<String, String> ours = auto();
      Map<String, Double> theirs = exporter.scrape();
      assertEquals(answered, theirs.get("apache_accesses_total"));
      assertEquals(number(ours, "Total kBytes"), theirs.get("apache_sent_kilobytes_total"));
      assertEquals(number(ours, "Total Duration"), theirs.get("apache_duration_ms_total"));
      assertEquals(0, theirs.get("apache_workers{state=\"busy\"}"));
      assertEquals(number(ours, "IdleWorkers"), theirs.get("apache_workers{state=\"idle\"}"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void countsWhatWasAnsweredAcrossAKillAndAReload(ProcessModel model) throws Exception {
    HttpdProcesses.Running server = start(model);
    int answered = load(server);
    long killed = server.pids().getFirst();
    assertTrue(ProcessHandle.of(killed).orElseThrow().destroyForcibly());
    await(
        "its death is noticed",
        () -> !server.pids().contains(killed) && get("/server-status?json").contains("signal 9"));
    assertEquals(answered, number(auto(), ACCESSES));
    answered += load(server);
    try (Load load = new Load(server)) {
      assertEquals(0, HttpdProcesses.mpmctl(pidFile, "reload").status());
      answered += load.end();
    }
    answered += load(server);
    int all = answered;
    await("all is counted", () -> number(auto(), ACCESSES) >= all);
    assertEquals(all, number(auto(), ACCESSES));
    assertEquals(1, number(auto(), "ParentServerMPMGeneration"));
  }

  /// Loads the server until it has counted some hundred requests, and has counted them all.
  ///
  /// @return how many were answered
  private int load(HttpdProcesses.Running server) throws Exception {
    int before = number(auto(), ACCESSES);
    try (Load load = new Load(server)) {
      await("requests", () -> number(auto(), ACCESSES) >= before + 300);
      int answered = load.end();
      await("all is counted", () -> number(auto(), ACCESSES) >= before + answered);
      return answered;
    }
  }

  /// Clients that ask, each one request after the other, until they are told to end.
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();

    Load(HttpdProcesses.Running server) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            Thread.ofPlatform()
                .daemon()
                .start(() -> {
                  while (!over.get()) {
                    ask(server);
                  }
                }));
      }
    }

    /// Asks on one connection, which a child that drains may end between two answers.
    private void ask(HttpdProcesses.Running server) {
      try (Socket socket = connect(server)) {
        socket.setTcpNoDelay(true);
        while (!over.get()) {
          socket.getOutputStream().write(latin1("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
          StringBuilder answer = new StringBuilder();
          while (!answer.toString().endsWith("Hello, World!")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
              return;
            }
            answer.append((char) next);
          }
          answered.incrementAndGet();
        }
      } catch (IOException _) {
        // the connection has ended; there will be another one
      }
    }

    /// @return how many requests were answered
    int end() throws InterruptedException {
      over.set(true);
      for (Thread thread : clients) {
        thread.join();
      }
      return answered.get();
    }

    @Override
    public void close() {
      over.set(true);
    }
  }

  @Test
  void nothingThatClientsSendBreaksAForm() throws Exception {
    HttpdProcesses.Running server = start(ProcessModel.EVENT);
    sleep(server, "&<script>alert(1)</script>");
    sleep(server, "&\"'><img/src=x>&amp;]]>{}[]#");
    sleep(server, "&u=" + SECRET_URL);
    await(
        "the requests are shown",
        () -> {
          String html = get("/server-status");
          return html.contains("&lt;script&gt;") && html.contains("http://user@host/");
        });
    Random random = new Random(20_260_902);
    boolean escaped = false;
    for (int i = 1; i <= 400; i++) {
      send(server, random);
      if (i % 20 == 0) {
        escaped |= looksWell().contains("\\\\x00");
      }
    }
    assertTrue(escaped, "no control character was shown");
  }

  /// Sends a request and waits for the end of what comes back.
  private static void send(HttpdProcesses.Running server, Random random) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(latin1(random.nextInt(4) == 0 ? nasty(random) : "GET "));
    request.writeBytes(latin1("/hello" + nasty(random)));
    request.writeBytes(latin1(random.nextInt(4) == 0 ? nasty(random) : " HTTP/1.1"));
    request.writeBytes(latin1("\r\nHost: a\r\n"));
    for (int i = random.nextInt(3); i > 0; i--) {
      request.writeBytes(latin1("X-" + i + ": " + nasty(random) + "\r\n"));
    }
    request.writeBytes(latin1(random.nextInt(8) == 0 ? "" : "\r\n"));
    try (Socket socket = connect(server)) {
      socket.getOutputStream().write(request.toByteArray());
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
    } catch (IOException _) {
      // refused before all of it was read
    }
  }

  private static String nasty(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      String piece = PIECES[random.nextInt(PIECES.length)];
      text.append(random.nextInt(20) == 0 ? piece.repeat(500) : piece);
      text.append((char) ('!' + random.nextInt(256 - '!')));
    }
    return text.toString();
  }

  /// Every form is what it should be, and tells no password.
  ///
  /// @return the JSON, which tells of idle workers too what they did last
  private String looksWell() throws Exception {
    String html = get("/server-status");
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setXIncludeAware(false);
    Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    assertEquals(0, document.getElementsByTagName("script").getLength());
    assertEquals(0, document.getElementsByTagName("img").getLength());
    String json = get("/server-status?json");
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      assertEquals(JsonToken.START_OBJECT, parser.nextToken());
      parser.skipChildren();
      assertNull(parser.nextToken());
    }
    String metrics = get("/metrics");
    var _ = MetricsParser.parse(metrics);
    String auto = get("/server-status?auto");
    var _ = AutoParser.parse(auto);
    for (String form : List.of(html, json, metrics, auto)) {
      assertFalse(form.contains(PASSWORD), form);
    }
    return json;
  }
}
