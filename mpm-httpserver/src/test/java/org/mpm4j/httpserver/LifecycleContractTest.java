package org.mpm4j.httpserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The life of a server, its contexts and its executor: the same for the JDK's own and ours.
@Timeout(120)
final class LifecycleContractTest {
  private static final int LONG = 60;

  static HttpHandler says(String text) {
    return exchange -> {
      byte[] body = text.getBytes(StandardCharsets.ISO_8859_1);
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    };
  }

  @ParameterizedTest
  @EnumSource
  void refusesWhatIsOutOfOrder(Implementation its) throws IOException {
    HttpServer server = its.create(null, 0);
    assertNull(server.getAddress());
    assertThrows(IllegalStateException.class, server::start);
    assertThrows(NullPointerException.class, () -> server.bind(null, 0));
    server.bind(Implementation.loopback(0), 0);
    assertNotEquals(0, server.getAddress().getPort());
    assertThrows(BindException.class, () -> server.bind(Implementation.loopback(0), 0));
    assertNull(server.getExecutor());
    server.start();
    assertThrows(IllegalStateException.class, server::start);
    assertThrows(IllegalStateException.class, () -> server.setExecutor(null));
    assertThrows(IllegalArgumentException.class, () -> server.stop(-1));
    server.stop(0);
    assertThrows(IllegalStateException.class, server::start);
    server.stop(0);
  }

  @ParameterizedTest
  @EnumSource
  void saysThatAnAddressIsTaken(Implementation its) throws IOException {
    HttpServer first = its.create();
    first.start();
    try {
      InetSocketAddress taken = first.getAddress();
      BindException problem = assertThrows(BindException.class, () -> its.create(taken, 0));
      assertTrue(problem.toString().contains("Address already in use"), problem.toString());
    } finally {
      first.stop(0);
    }
    its.create(first.getAddress(), 0).stop(0);
  }

  @ParameterizedTest
  @EnumSource
  void listensToBothFamiliesOnTheWildcard(Implementation its) throws IOException {
    HttpServer server = its.create(new InetSocketAddress(0), 0);
    server.createContext("/", says("hello"));
    server.start();
    try (RawClient client = new RawClient(Implementation.loopback(server.getAddress().getPort()))) {
      assertTrue(server.getAddress().getAddress().isAnyLocalAddress());
      assertEquals("hello", client.get("/").response().body());
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void keepsClientsWaitingUntilItIsStarted(Implementation its) throws IOException {
    HttpServer server = its.create(Implementation.loopback(0), 10);
    server.createContext("/", says("at last"));
    try (RawClient early = new RawClient(server);
        RawClient other = new RawClient(server)) {
      early.get("/");
      other.get("/");
      server.start();
      assertEquals("at last", early.response().body());
      assertEquals("at last", other.response().body());
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void findsTheContextWithTheLongestPath(Implementation its) throws IOException {
    HttpServer server = its.create();
    server.createContext("/a", says("a"));
    HttpContext deeper = server.createContext("/a/b/", says("ab"));
    server.createContext("/none");
    server.start();
    try (RawClient client = new RawClient(server)) {
      assertEquals("a", client.get("/a").response().body());
      assertEquals("a", client.get("/abc").response().body());
      assertEquals("a", client.get("/a/b?q").response().body());
      assertEquals("ab", client.get("/a/b/c").response().body());
      assertEquals("ab", client.get("/a%2Fb/").response().body());
      server.removeContext(deeper);
      assertEquals("a", client.get("/a/b/c").response().body());
      server.removeContext("/a");
      assertEquals(
          "404 {connection=close, content-length=50, content-type=text/html}"
              + " <h1>404 Not Found</h1>No context found for request",
          client.get("/a").response().visible());
      assertTrue(client.ended());
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesContextsThatCannotBe(Implementation its) throws IOException {
    HttpServer server = its.create();
    try {
      HttpContext context = server.createContext("/a", says("a"));
      assertEquals("/a", context.getPath());
      assertEquals(server, context.getServer());
      assertThrows(IllegalArgumentException.class, () -> server.createContext("/a"));
      assertThrows(IllegalArgumentException.class, () -> server.createContext("a", says("")));
      assertThrows(IllegalArgumentException.class, () -> server.createContext(""));
      assertThrows(NullPointerException.class, () -> server.createContext(null));
      assertThrows(NullPointerException.class, () -> server.createContext("/b", null));
      assertThrows(IllegalArgumentException.class, () -> server.removeContext("/b"));
      assertThrows(NullPointerException.class, () -> server.removeContext((String) null));
      assertThrows(IllegalArgumentException.class, () -> context.setHandler(says("")));
      server.removeContext(context);
      assertThrows(IllegalArgumentException.class, () -> server.removeContext(context));
      HttpContext later = server.createContext("/later");
      assertNull(later.getHandler());
      later.setHandler(says("later"));
      server.start();
      try (RawClient client = new RawClient(server)) {
        assertEquals("later", client.get("/later").response().body());
      }
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void answers500WithoutAHandler(Implementation its) throws IOException {
    HttpServer server = its.create();
    server.createContext("/none");
    server.start();
    try (RawClient client = new RawClient(server)) {
      RawClient.Response response = client.get("/none").response();
      assertEquals(500, response.status());
      assertTrue(response.body().endsWith("</h1>No handler for context"), response.body());
      assertTrue(client.ended());
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void runsHandlersOnTheExecutor(Implementation its) throws IOException {
    HttpServer server = its.create();
    try (ExecutorService executor =
        Executors.newSingleThreadExecutor(task -> new Thread(task, "the application's"))) {
      server.setExecutor(executor);
      assertEquals(executor, server.getExecutor());
      server.createContext(
          "/",
          exchange -> {
            String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            says(Thread.currentThread().getName() + body).handle(exchange);
          });
      server.start();
      try (RawClient client = new RawClient(server)) {
        assertEquals("the application's", client.get("/").response().body());
        assertEquals("the application's!", client.post("/", "!").response().body());
      } finally {
        server.stop(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void closesTheConnectionThatTheExecutorRejects(Implementation its) throws IOException {
    HttpServer server = its.create();
    server.setExecutor(_ -> {
      throw new RejectedExecutionException("no");
    });
    server.createContext("/", says("never"));
    server.start();
    try (RawClient client = new RawClient(server)) {
      assertTrue(client.get("/").ended());
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void letsAnotherThreadCompleteTheExchange(Implementation its) throws Exception {
    HttpServer server = its.create();
    CompletableFuture<Void> returned = new CompletableFuture<>();
    server.createContext(
        "/",
        exchange -> {
          Thread.ofVirtual()
              .start(() -> {
                returned.join();
                try {
                  byte[] body = exchange.getRequestBody().readAllBytes();
                  exchange.sendResponseHeaders(200, 0);
                  exchange.getResponseBody().write(body);
                  exchange.getResponseBody().flush();
                  exchange.getResponseBody().write(body);
                  exchange.close();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
        });
    server.start();
    try (RawClient client = new RawClient(server)) {
      client.post("/", "twice.");
      returned.complete(null);
      assertEquals("twice.twice.", client.response().body());
      assertEquals("again.again.", client.post("/", "again.").response().body());
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void stopWaitsForTheExchangeInProgress(Implementation its) throws Exception {
    HttpServer server = its.create();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      server.setExecutor(executor);
      server.createContext(
          "/",
          exchange -> {
            begun.countDown();
            try {
              assertTrue(go.await(LONG, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            says("done").handle(exchange);
          });
      server.start();
      try (RawClient client = new RawClient(server);
          RawClient idle = new RawClient(server)) {
        client.get("/");
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> server.stop(LONG));
        go.countDown();
        assertEquals("done", client.response().body());
        stopped.get(LONG, TimeUnit.SECONDS);
        assertTrue(client.ended());
        assertTrue(idle.ended());
        assertThrows(IOException.class, () -> new RawClient(server.getAddress()).close());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void stopEndsWhatDoesNotEnd(Implementation its) throws Exception {
    HttpServer server = its.create();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    InetSocketAddress address = server.getAddress();
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      server.setExecutor(executor);
      server.createContext(
          "/",
          exchange -> {
            begun.countDown();
            try {
              assertTrue(go.await(LONG, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
      server.start();
      try (RawClient client = new RawClient(address)) {
        client.get("/");
        assertTrue(begun.await(LONG, TimeUnit.SECONDS));
        server.stop(0);
        assertTrue(client.ended());
        assertThrows(IOException.class, () -> new RawClient(address).close());
      } finally {
        go.countDown();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void keepsTheJvmAliveUnlessADaemonStartsIt(Implementation its) throws Exception {
    for (boolean daemon : new boolean[] {true, false}) {
      HttpServer server = its.create();
      Set<Thread> before = dispatchers();
      Thread starter = Thread.ofPlatform().daemon(daemon).start(server::start);
      starter.join();
      try {
        Set<Thread> added = dispatchers();
        added.removeAll(before);
        assertEquals(1, added.size());
        assertEquals(daemon, added.iterator().next().isDaemon());
      } finally {
        server.stop(0);
      }
    }
  }

  private static Set<Thread> dispatchers() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().equals("HTTP-Dispatcher"));
    return threads;
  }

  @ParameterizedTest
  @EnumSource
  void mayBeStoppedByAHandler(Implementation its) throws Exception {
    HttpServer server = its.create();
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    server.createContext(
        "/",
        _ -> {
          server.stop(0);
          stopped.complete(null);
        });
    server.start();
    try (RawClient client = new RawClient(server)) {
      assertTrue(client.get("/").ended());
      stopped.get(LONG, TimeUnit.SECONDS);
    }
  }
}
