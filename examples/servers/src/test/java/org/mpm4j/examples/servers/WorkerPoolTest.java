package org.mpm4j.examples.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.WorkerPool;

/// The worker pool under servers that take an executor.
@Timeout(60)
final class WorkerPoolTest {
  @Test
  void servesTheJdksHttpServer() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    try (WorkerPool workers =
        WorkerPool.builder().maxThreads(4).threadNamePrefix("http-").build()) {
      assertEquals(2, workers.threads());
      server.setExecutor(workers);
      server.createContext(
          "/",
          exchange -> {
            byte[] name = Thread.currentThread().getName().getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, name.length);
            exchange.getResponseBody().write(name);
            exchange.close();
          });
      server.start();
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      for (int i = 0; i < 50; i++) {
        try (InputStream answer = uri.toURL().openStream()) {
          String name = new String(answer.readAllBytes(), StandardCharsets.US_ASCII);
          assertTrue(name.startsWith("http-"), name);
        }
      }
      assertTrue(workers.threads() <= 4, workers.toString());
    } finally {
      server.stop(0);
    }
  }
}
