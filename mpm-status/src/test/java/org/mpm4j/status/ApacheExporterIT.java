package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.MpmStatus;

/// The exporter that monitoring systems use for httpd reads `?auto` and finds our numbers in it.
@Timeout(120)
class ApacheExporterIT {
  private static final Path EXPORTER = Path.of("/usr/bin/prometheus-apache-exporter");

  @TempDir Path folder;

  @Test
  void readsEventAsItReadsHttpd() throws Exception {
    String metrics = scrape(Samples::event);
    expect(metrics, "apache_up 1");
    expect(metrics, "apache_accesses_total 1.234567e+06");
    expect(metrics, "apache_sent_kilobytes_total 6.172835e+06");
    expect(metrics, "apache_uptime_seconds_total 93787");
    expect(metrics, "apache_workers{state=\"busy\"} 8");
    expect(metrics, "apache_workers{state=\"idle\"} 12");
    expect(metrics, "apache_connections{state=\"total\"} 134");
    expect(metrics, "apache_connections{state=\"keepalive\"} 80");
    expect(metrics, "apache_scoreboard{state=\"idle\"} 12");
    expect(metrics, "apache_scoreboard{state=\"graceful_stop\"} 2");
  }

  @Test
  void readsAServerWithoutChildren() throws Exception {
    String metrics = scrape(Samples::prefork);
    expect(metrics, "apache_up 1");
    expect(metrics, "apache_workers{state=\"busy\"} 0");
  }

  private static void expect(String metrics, String line) {
    assertEquals(1, metrics.lines().filter(line::equals).count(), () -> line + " in\n" + metrics);
  }

  private String scrape(Supplier<MpmStatus> status) throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(EXPORTER),
        "prometheus-apache-exporter is not installed (bin/install-test-tools)");
    try (StatusServer server =
            StatusServer.open(
                status,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Require.local(),
                Samples.page());
        HttpClient client = HttpClient.newHttpClient()) {
      int port = freePort();
      Process exporter =
          new ProcessBuilder(
                  EXPORTER.toString(),
                  "--telemetry.address=127.0.0.1:" + port,
                  "--scrape_uri=http://127.0.0.1:%d/server-status?auto"
                      .formatted(server.address().getPort()))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("exporter.log").toFile())
              .start();
      try {
        return get(client, URI.create("http://127.0.0.1:" + port + "/metrics"), exporter);
      } finally {
        exporter.destroyForcibly().waitFor();
      }
    }
  }

  private String get(HttpClient client, URI uri, Process exporter) throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < Duration.ofSeconds(30).toNanos() && exporter.isAlive()) {
      try {
        HttpResponse<String> reply =
            client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, reply.statusCode(), reply::body);
        return reply.body();
      } catch (IOException _) {
        Thread.onSpinWait(); // it does not listen yet
      }
    }
    return fail(Files.readString(folder.resolve("exporter.log")));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
