package org.mpm4j.httpserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.httpserver.LifecycleContractTest.says;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import com.sun.net.httpserver.spi.HttpServerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.ConfigException;
import org.mpm4j.Mpm;

/// What the JDK's server does not do, or does otherwise.
@Timeout(120)
final class EventHttpServerTest {
  private static final int LONG = 60;
  private static final String THREADS = HttpServerSettings.PREFIX + "ThreadsPerChild";

  @AfterEach
  void clear() {
    System.clearProperty(THREADS);
  }

  private static HttpServer serve(HttpHandler handler, @Nullable ExecutorService executor)
      throws IOException {
    HttpServer server = HttpServer.create(Implementation.loopback(0), 0);
    server.createContext("/", handler);
    server.setExecutor(executor);
    server.start();
    return server;
  }

  @Test
  void isTheProviderThatTheJdkFinds() {
    assertInstanceOf(MpmHttpServerProvider.class, HttpServerProvider.provider());
  }

  @Test
  void saysWhatToUseForTls() {
    UnsupportedOperationException refusal =
        assertThrows(
            UnsupportedOperationException.class,
            () -> HttpsServer.create(Implementation.loopback(0), 0));
    assertTrue(
        refusal
            .toString()
            .contains(
                "-Dcom.sun.net.httpserver.HttpServerProvider="
                    + "sun.net.httpserver.DefaultHttpServerProvider"),
        refusal.toString());
  }

  // ---- settings ----

  private static String problemWith(String name, String value) {
    Properties properties = new Properties();
    properties.setProperty(HttpServerSettings.PREFIX + name, value);
    return assertThrows(
            ConfigException.class,
            () -> HttpServerSettings.of(properties).config(Implementation.loopback(0), 0))
        .getMessage();
  }

  @Test
  void namesTheSettingTheValueAndWhatWasExpected() {
    String problem = problemWith("ThreadsPerChild", "many");
    assertTrue(problem.contains("org.mpm4j.httpserver.*"), problem);
    assertTrue(problem.contains("ThreadsPerChild"), problem);
    assertTrue(problem.contains("many"), problem);
    assertTrue(problem.contains("expected"), problem);
    assertTrue(problemWith("NoSuchThing", "1").contains("NoSuchThing"));
    assertTrue(problemWith("Listen", "80").contains("argument of HttpServer.create"));
    assertTrue(problemWith("Mpm", "worker").contains("the model is event"));
  }

  @Test
  void takesDirectivesFromProperties() {
    Properties properties = new Properties();
    properties.setProperty(HttpServerSettings.PREFIX + "threadsperchild", "200");
    properties.setProperty(HttpServerSettings.PREFIX + "KeepAliveTimeout", "7");
    properties.setProperty("sun.net.httpserver.maxReqHeaders", "11");
    HttpServerSettings settings = HttpServerSettings.of(properties);
    assertEquals(11, settings.head().fields());
    var config = settings.config(Implementation.loopback(0), 33);
    assertEquals(200, config.threadsPerChild());
    assertEquals(7, config.keepAliveTimeout().toSeconds());
    assertEquals(0, config.maxKeepAliveRequests());
    assertEquals(33, config.listenBackLog());
    assertEquals(List.of(), config.corrections());
  }

  @Test
  void needsNoCorrectionWithoutSettings() {
    var config = HttpServerSettings.of(new Properties()).config(Implementation.loopback(0), 0);
    assertEquals(64, config.threadsPerChild());
    assertEquals(List.of(), config.corrections());
    assertEquals(List.of(), Mpm.check(config));
  }

  // ---- requests ----

  @Test
  void refusesAHeadThatIsTooLarge() throws Exception {
    HttpServer server = serve(says("never"), null);
    try (RawClient fields = new RawClient(server);
        RawClient bytes = new RawClient(server)) {
      fields.request("GET", "/", "x: 1\r\n".repeat(201));
      assertEquals(431, fields.response().status());
      bytes.send("GET / HTTP/1.1\r\nHost: here\r\nx: ");
      byte[] much = new byte[400 * 1024];
      Arrays.fill(much, (byte) 'x');
      bytes.send(new String(much, StandardCharsets.ISO_8859_1));
      assertEquals(431, bytes.response().status());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void answersWhatAHandlerForgotToClose() throws Exception {
    HttpServer server =
        serve(
            exchange -> {
              exchange.sendResponseHeaders(200, 2);
              exchange.getResponseBody().write(new byte[] {'o', 'k'});
            },
            null);
    try (RawClient client = new RawClient(server)) {
      assertEquals("ok", client.get("/").response().body());
      assertEquals("ok", client.get("/").response().body());
    } finally {
      server.stop(0);
    }
  }

  // ---- threads ----

  @Test
  void servesMoreClientsThanThreads() throws Exception {
    System.setProperty(THREADS, "4");
    HttpServer server =
        serve(
            exchange -> {
              byte[] body = exchange.getRequestBody().readAllBytes();
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
              exchange.close();
            },
            null);
    int clients = 200;
    int requests = 20;
    CyclicBarrier together = new CyclicBarrier(clients);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        String mine = "client " + i + ", request ";
        all.add(
            threads.submit(() -> {
              try (RawClient client = new RawClient(server)) {
                for (int j = 0; j < requests; j++) {
                  assertEquals(mine + j, client.post("/", mine + j).response().body());
                  if (j == 0) {
                    together.await(LONG, TimeUnit.SECONDS); // all are connected, and stay so
                  }
                }
              }
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get(LONG, TimeUnit.SECONDS);
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void holdsNoWorkerWhileTheExecutorRunsAHandler() throws Exception {
    System.setProperty(THREADS, "2");
    int clients = 50;
    CyclicBarrier together = new CyclicBarrier(clients);
    HttpHandler handler =
        exchange -> {
          int first = exchange.getRequestBody().read();
          try {
            together.await(LONG, TimeUnit.SECONDS); // all handlers run at the same time
          } catch (Exception e) {
            throw new IOException(e);
          }
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(first);
          exchange.getRequestBody().transferTo(exchange.getResponseBody());
          exchange.close();
        };
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      HttpServer server = serve(handler, executor);
      List<RawClient> all = new ArrayList<>();
      try {
        for (int i = 0; i < clients; i++) {
          RawClient client = new RawClient(server);
          all.add(client);
          client.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 7\r\n\r\nabc");
        }
        for (RawClient client : all) {
          client.send("defg");
        }
        for (RawClient client : all) {
          assertEquals("abcdefg", client.response().body());
        }
      } finally {
        for (RawClient client : all) {
          client.close();
        }
        server.stop(0);
      }
    }
  }

  @Test
  void letsOtherThreadsAnswerWhileTheHandlerWaitsForThem() throws Exception {
    System.setProperty(THREADS, "1");
    HttpServer server =
        serve(
            exchange ->
                CompletableFuture.runAsync(
                        () -> {
                          try {
                            says("from another thread").handle(exchange);
                          } catch (IOException e) {
                            throw new AssertionError(e);
                          }
                        })
                    .join(),
            null);
    try (RawClient client = new RawClient(server)) {
      assertEquals("from another thread", client.get("/").response().body());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void stopFailsWhatWaitsForTheClient() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      HttpServer server =
          serve(
              exchange -> {
                begun.countDown();
                try {
                  var _ = exchange.getRequestBody().readAllBytes();
                } catch (IOException e) {
                  failure.complete(e);
                  throw e;
                }
              },
              executor);
      try (RawClient client = new RawClient(server)) {
        client.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 7\r\n\r\n");
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        server.stop(0);
        assertInstanceOf(IOException.class, failure.get(LONG, TimeUnit.SECONDS));
        assertTrue(client.ended());
      }
    }
  }

  // ---- the JDK's client ----

  @Test
  void servesTheJdksClient() throws Exception {
    HttpServer server =
        serve(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              try (InputStream in = exchange.getRequestBody();
                  var out = exchange.getResponseBody()) {
                in.transferTo(out);
              }
            },
            null);
    byte[] body = new byte[3 << 20];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (i * 31);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      for (boolean expect : new boolean[] {false, true}) {
        HttpRequest request =
            HttpRequest.newBuilder(uri)
                .expectContinue(expect)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<byte[]> response =
            client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode());
        assertTrue(Arrays.equals(body, response.body()));
      }
    } finally {
      server.stop(0);
    }
  }
}
