package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Assumptions;

/// The prometheus-apache-exporter of Debian, running. It reads the page anew for every scrape.
public final class ApacheExporter implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/prometheus-apache-exporter");

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI metrics;
  private final Path log;
  private final Process process;

  private ApacheExporter(URI metrics, Path log, Process process) {
    this.metrics = metrics;
    this.log = log;
    this.process = process;
  }

  /// Starts it. Skips the test, with the reason, where it is not installed.
  ///
  /// @param page the server's `/server-status?auto`
  /// @param log a file for what it says
  public static ApacheExporter start(URI page, Path log) throws IOException {
    Assumptions.assumeTrue(
        Files.isExecutable(PROGRAM),
        "prometheus-apache-exporter is not installed (bin/install-test-tools)");
    String address = "127.0.0.1:" + freePort();
    Process process =
        new ProcessBuilder(
                PROGRAM.toString(), "--telemetry.address=" + address, "--scrape_uri=" + page)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new ApacheExporter(URI.create("http://" + address + "/metrics"), log, process);
  }

  /// A port of the loopback address that nobody listens on, and that the kernel gives to nobody who
  /// asks for any: those begin at 32768.
  public static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 30_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException _) {
        // another one
      }
    }
  }

  /// What it makes of the page, without an error: its samples by their names with labels.
  public Map<String, Double> scrape() throws Exception {
    String text = text();
    Map<String, Double> samples = new LinkedHashMap<>();
    text.lines()
        .filter(line -> line.startsWith("apache_"))
        .forEach(line -> {
          int space = line.lastIndexOf(' ');
          samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
        });
    assertEquals(1, samples.get("apache_up"), text);
    assertEquals(0, samples.getOrDefault("apache_exporter_scrape_failures_total", 0.0), text);
    return samples;
  }

  private String text() throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < Duration.ofSeconds(90).toNanos() && process.isAlive()) {
      try {
        HttpResponse<String> reply =
            client.send(
                HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, reply.statusCode(), reply::body);
        return reply.body();
      } catch (IOException _) {
        Thread.onSpinWait(); // it does not listen yet
      }
    }
    return fail(Files.readString(log));
  }

  /// Ends it.
  @Override
  public void close() {
    client.close();
    process.destroyForcibly().onExit().join();
  }
}
