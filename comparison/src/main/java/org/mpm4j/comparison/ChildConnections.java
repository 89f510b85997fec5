package org.mpm4j.comparison;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/// How many connections each child of mpm4j has, as its status page tells.
final class ChildConnections {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int PATIENCE_MILLIS = 10_000;
  private static final long LOOK_AGAIN_MILLIS = 100;

  private ChildConnections() {}

  /// Waits until the sum is as wanted, ten seconds at most.
  ///
  /// @return what was seen last
  static List<Long> await(int port, LongPredicate wanted) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      List<Long> seen = read(port);
      if (wanted.test(seen.stream().mapToLong(Long::longValue).sum())
          || System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
        return seen;
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private static List<Long> read(int port) throws IOException {
    URLConnection connection =
        URI.create("http://127.0.0.1:" + port + "/server-status?json").toURL().openConnection();
    connection.setRequestProperty("Connection", "close");
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    try (InputStream in = connection.getInputStream()) {
      return of(MAPPER.readTree(in));
    }
  }

  /// Takes the page apart.
  static List<Long> of(JsonNode page) {
    List<Long> connections = new ArrayList<>();
    page.path("children").forEach(it -> connections.add(it.at("/connections/total").asLong()));
    return List.copyOf(connections);
  }
}
