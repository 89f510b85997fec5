package org.mpm4j.httpserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The JDK's own file server, on this one.
@Timeout(120)
final class SimpleFileServerTest {
  @TempDir Path folder;

  SimpleFileServerTest() {
    folder = Path.of("");
  }

  private static HttpResponse<String> send(HttpClient client, HttpServer server, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void servesFilesAndListings() throws Exception {
    Path root = folder.toRealPath();
    String large = "0123456789abcdef".repeat(100_000);
    Files.writeString(root.resolve("large.txt"), large);
    Files.createDirectory(root.resolve("sub"));
    HttpServer server =
        SimpleFileServer.createFileServer(Implementation.loopback(0), root, OutputLevel.NONE);
    assertInstanceOf(EventHttpServer.class, server);
    server.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> file = send(client, server, "/large.txt");
      assertEquals(200, file.statusCode());
      assertEquals("text/plain", file.headers().firstValue("content-type").orElse(""));
      assertTrue(large.equals(file.body()));
      HttpResponse<String> listing = send(client, server, "/");
      assertTrue(listing.body().contains("large.txt"), listing.body());
      assertEquals(404, send(client, server, "/missing").statusCode());
      assertEquals(301, send(client, server, "/sub").statusCode());
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/large.txt");
      HttpResponse<String> head =
          client.send(
              HttpRequest.newBuilder(uri).HEAD().build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(large.length(), head.headers().firstValueAsLong("content-length").orElse(-1));
      HttpResponse<String> post =
          client.send(
              HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString("x")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(405, post.statusCode());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void logsThroughTheOutputFilter() throws Exception {
    Path root = folder.toRealPath();
    Files.writeString(root.resolve("file.txt"), "text");
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    HttpServer server =
        HttpServer.create(
            Implementation.loopback(0),
            0,
            "/files/",
            SimpleFileServer.createFileHandler(root),
            SimpleFileServer.createOutputFilter(log, OutputLevel.INFO));
    server.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertEquals("text", send(client, server, "/files/file.txt").body());
    } finally {
      server.stop(30);
    }
    String lines = log.toString(StandardCharsets.UTF_8);
    assertTrue(lines.contains("\"GET /files/file.txt HTTP/1.1\" 200"), lines);
  }
}
