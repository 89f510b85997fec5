package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.MpmStatus;

@Timeout(60)
class StatusServerTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void closeClient() {
    client.close();
  }

  private static StatusServer open(Supplier<MpmStatus> status, String require) throws IOException {
    return StatusServer.open(
        status, ANY_PORT, Require.of(List.of(require.split(" "))), Samples.page());
  }

  private HttpResponse<String> send(StatusServer server, String method, String target)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + target);
    return client.send(
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  @Test
  void answersWithEveryForm() throws Exception {
    try (StatusServer server = open(Samples::event, "local")) {
      HttpResponse<String> html = send(server, "GET", "/server-status?refresh=3");
      assertEquals(200, html.statusCode());
      assertEquals("3", html.headers().firstValue("Refresh").orElse(""));
      assertEquals(
          "text/html; charset=utf-8", html.headers().firstValue("Content-Type").orElse(""));
      assertEquals("no-store", html.headers().firstValue("Cache-Control").orElse(""));
      assertTrue(html.body().contains("<h1>www.example.org</h1>"));
      var _ = AutoParser.parse(send(server, "GET", "/server-status?auto").body());
      assertTrue(send(server, "GET", "/server-status?json").body().startsWith("{\"server\""));
      var _ = MetricsParser.parse(send(server, "GET", "/metrics").body());
      HttpResponse<String> head = send(server, "HEAD", "/server-status?auto");
      assertEquals("", head.body());
      assertTrue(head.headers().firstValueAsLong("Content-Length").orElse(0) > 500);
    }
  }

  @Test
  void refusesWhatItDoesNotServe() throws Exception {
    try (StatusServer server = open(Samples::event, "all granted")) {
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "BREW")) {
        HttpResponse<String> reply = send(server, method, "/server-status");
        assertEquals(405, reply.statusCode(), method);
        assertEquals("GET, HEAD", reply.headers().firstValue("Allow").orElse(""));
      }
      for (String target : List.of("/", "/server-statuses", "/metrics/", "/server-status/x")) {
        assertEquals(404, send(server, "GET", target).statusCode(), target);
      }
    }
  }

  @Test
  void keepsToItsRequirement() throws Exception {
    try (StatusServer server = open(Samples::event, "ip 192.0.2.1")) {
      for (String target : List.of("/server-status", "/metrics", "/")) {
        assertEquals(403, send(server, "GET", target).statusCode(), target);
      }
      assertEquals(403, send(server, "POST", "/").statusCode());
    }
  }

  @Test
  void saysSoWhenTheServerDoesNotTell() throws Exception {
    Supplier<MpmStatus> broken =
        () -> {
          throw new IllegalStateException("needle");
        };
    try (StatusServer server = open(broken, "local")) {
      HttpResponse<String> reply = send(server, "GET", "/server-status");
      assertEquals(503, reply.statusCode());
      assertFalse(reply.body().contains("needle"));
    }
  }

  @Test
  void clientsThatSayNothingKeepNobodyWaiting() throws Exception {
    try (StatusServer server = open(Samples::event, "local")) {
      Socket[] silent = new Socket[50];
      for (int i = 0; i < silent.length; i++) {
        silent[i] = new Socket(server.address().getAddress(), server.address().getPort());
        silent[i].getOutputStream().write("GET /server".getBytes(StandardCharsets.US_ASCII));
      }
      assertEquals(200, send(server, "GET", "/server-status?auto").statusCode());
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void closesItsPortAndMayBeClosedAgain() throws Exception {
    StatusServer server = open(Samples::event, "local");
    InetSocketAddress address = server.address();
    server.close();
    server.close();
    assertThrows(
        IOException.class, () -> new Socket(address.getAddress(), address.getPort()).close());
    StatusServer.open(Samples::event, address, Require.local()).close();
  }

  @Test
  void itsThreadsAreDaemons() throws Exception {
    try (StatusServer server = open(Samples::event, "local")) {
      assertEquals(200, send(server, "GET", "/metrics").statusCode());
      List<Thread> threads =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread ->
                  thread.getName().startsWith("HTTP-Dispatcher")
                      || thread.getName().startsWith("mpm-status"))
              .toList();
      assertFalse(threads.isEmpty());
      assertTrue(threads.stream().allMatch(Thread::isDaemon), threads::toString);
    }
  }
}
