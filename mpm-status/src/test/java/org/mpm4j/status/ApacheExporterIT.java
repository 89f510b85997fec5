package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.MpmStatus;

/// The exporter that monitoring systems use for httpd reads `?auto` and finds our numbers in it.
@Timeout(120)
class ApacheExporterIT {
  @TempDir Path folder;

  @Test
  void readsEventAsItReadsHttpd() throws Exception {
    Map<String, Double> samples = scrape(Samples::event);
    assertEquals(1_234_567, samples.get("apache_accesses_total"));
    assertEquals(6_172_835, samples.get("apache_sent_kilobytes_total"));
    assertEquals(93_787, samples.get("apache_uptime_seconds_total"));
    assertEquals(8, samples.get("apache_workers{state=\"busy\"}"));
    assertEquals(12, samples.get("apache_workers{state=\"idle\"}"));
    assertEquals(134, samples.get("apache_connections{state=\"total\"}"));
    assertEquals(80, samples.get("apache_connections{state=\"keepalive\"}"));
    assertEquals(12, samples.get("apache_scoreboard{state=\"idle\"}"));
    assertEquals(2, samples.get("apache_scoreboard{state=\"graceful_stop\"}"));
  }

  @Test
  void readsAServerWithoutChildren() throws Exception {
    assertEquals(0, scrape(Samples::prefork).get("apache_workers{state=\"busy\"}"));
  }

  private Map<String, Double> scrape(Supplier<MpmStatus> status) throws Exception {
    try (StatusServer server =
            StatusServer.open(
                status,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Require.local(),
                Samples.page());
        ApacheExporter exporter =
            ApacheExporter.start(
                URI.create(
                    "http://127.0.0.1:%d/server-status?auto".formatted(server.address().getPort())),
                folder.resolve("exporter.log"))) {
      return exporter.scrape();
    }
  }
}
