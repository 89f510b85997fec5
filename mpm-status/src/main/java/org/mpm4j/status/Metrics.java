package org.mpm4j.status;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.mpm4j.MpmStatus;
import org.mpm4j.WorkerStatus;

/// A status as metrics. No label holds what a client sent.
final class Metrics {
  private static final String OPEN_METRICS = "application/openmetrics-text";

  private final MetricSnapshots.Builder metrics = MetricSnapshots.builder();

  private Metrics() {}

  /// Renders in the format that the client prefers.
  ///
  /// @param accept the `Accept` field of the request, or empty
  static StatusReply reply(MpmStatus status, Scoreboard scoreboard, String accept) {
    boolean open = accept.contains(OPEN_METRICS) || !accept.contains("text/plain");
    ExpositionFormatWriter writer =
        open
            ? OpenMetricsTextFormatWriter.builder().setCreatedTimestampsEnabled(false).build()
            : PrometheusTextFormatWriter.builder().build();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(bytes, of(status, scoreboard));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes everything
    }
    return StatusReply.of(
        writer.getContentType(), bytes.toString(StandardCharsets.UTF_8), Map.of());
  }

  private static MetricSnapshots of(MpmStatus status, Scoreboard scoreboard) {
    Metrics metrics = new Metrics();
    metrics.server(status);
    metrics.workers(scoreboard);
    metrics.connections(Scoreboard.connections(status));
    metrics.totals(status.totals());
    metrics.children(status);
    return metrics.metrics.build();
  }

  private void server(MpmStatus status) {
    metrics.metricSnapshot(
        InfoSnapshot.builder()
            .name("mpm4j")
            .help("Version and process model.")
            .dataPoint(
                InfoDataPointSnapshot.builder()
                    .labels(
                        Labels.of(
                            "version", Build.THIS.version(), "model", status.model().httpdName()))
                    .build())
            .build());
    gauge("generation", "Generation of the configuration in force.", status.generation());
    gauge(
        "start_time_seconds",
        "When the server started, in seconds since 1970.",
        status.startedAt().toEpochMilli() / 1000.0);
    states("phase", "What the server is doing as a whole.", status.phase());
    states("breaker", "Whether children may be started.", status.breaker().state());
    gauge("unexpected_deaths", "Children that died of late.", status.breaker().deaths());
    gauge("child_limit", "Children of the current generation that may be.", status.childLimit());
    status
        .lastReload()
        .ifPresent(verdict ->
            gauge(
                "last_reload_successful",
                "Whether the last reload or restart succeeded.",
                verdict.succeeded() ? 1 : 0));
  }

  private void workers(Scoreboard scoreboard) {
    GaugeSnapshot.Builder workers =
        GaugeSnapshot.builder()
            .name("mpm4j_workers")
            .help("Workers by what they are to the server; together all slots of the scoreboard.");
    add(workers, "state", "busy", scoreboard.busy());
    add(workers, "state", "idle", scoreboard.idle());
    add(workers, "state", "graceful", scoreboard.graceful());
    add(workers, "state", "starting", scoreboard.starting());
    add(workers, "state", "open", scoreboard.open());
    metrics.metricSnapshot(workers.build());
    GaugeSnapshot.Builder board =
        GaugeSnapshot.builder()
            .name("mpm4j_scoreboard")
            .help("Workers by their letter on the scoreboard.");
    for (WorkerStatus status : WorkerStatus.values()) {
      add(board, "status", Texts.word(status), scoreboard.count(status));
    }
    metrics.metricSnapshot(board.build());
  }

  private void connections(MpmStatus.Connections states) {
    GaugeSnapshot.Builder connections =
        GaugeSnapshot.builder()
            .name("mpm4j_connections")
            .help("Open connections by what they wait for.");
    add(connections, "state", "active", states.active());
    add(connections, "state", "reading", states.reading());
    add(connections, "state", "writing", states.writing());
    add(connections, "state", "keep-alive", states.keepAlive());
    add(connections, "state", "closing", states.closing());
    add(connections, "state", "suspended", states.suspended());
    metrics.metricSnapshot(connections.build());
  }

  private void totals(MpmStatus.Counters totals) {
    counter("requests", "Exchanges that were completed.", (double) totals.accesses());
    counter("sent_bytes", "Bytes sent.", (double) totals.bytes());
    counter("busy_seconds", "Time that workers spent in exchanges.", seconds(totals.busy()));
    counter("connections_accepted", "Connections accepted.", (double) totals.accepted());
    counter(
        "requests_reused",
        "Exchanges that were not the first of their connection.",
        (double) totals.reused());
    counter(
        "connections_rejected",
        "Connections closed unserved or to make room.",
        (double) totals.rejected());
    CounterSnapshot.Builder timeouts =
        CounterSnapshot.builder()
            .name("mpm4j_timeouts")
            .help("Connections closed because something took too long.");
    timeouts.dataPoint(point("keep-alive", totals.keepAliveTimeouts()));
    timeouts.dataPoint(point("read", totals.readTimeouts()));
    timeouts.dataPoint(point("write", totals.writeTimeouts()));
    metrics.metricSnapshot(timeouts.build());
  }

  private static CounterDataPointSnapshot point(String kind, long value) {
    return CounterDataPointSnapshot.builder()
        .labels(Labels.of("kind", kind))
        .value((double) value)
        .build();
  }

  private void children(MpmStatus status) {
    GaugeSnapshot.Builder states =
        GaugeSnapshot.builder().name("mpm4j_children").help("Processes by what they are doing.");
    for (MpmStatus.State state : MpmStatus.State.values()) {
      long count = status.children().stream().filter(child -> child.state() == state).count();
      add(states, "state", Texts.word(state), (double) count);
    }
    metrics.metricSnapshot(states.build());
    each(status, "child_connections", "Open connections.", MpmStatus.Child::connections);
    each(status, "child_busy_workers", "Workers that serve one.", MpmStatus.Child::busyWorkers);
    each(status, "child_resident_bytes", "Resident memory.", MpmStatus.Child::residentBytes);
    each(status, "child_age_seconds", "Since its process started.", child -> seconds(child.age()));
    each(
        status,
        "child_requests",
        "Exchanges that were completed; begins again with the process.",
        child -> child.counters().accesses());
  }

  private void each(
      MpmStatus status, String name, String help, ToDoubleFunction<MpmStatus.Child> value) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name("mpm4j_" + name).help(help);
    for (MpmStatus.Child child : status.children()) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(
                  Labels.of(
                      "slot", Integer.toString(child.id().slot()),
                      "pid", Integer.toString(child.id().pid()),
                      "generation", Integer.toString(child.id().generation())))
              .value(value.applyAsDouble(child))
              .build());
    }
    metrics.metricSnapshot(gauge.build());
  }

  private static void add(GaugeSnapshot.Builder gauge, String label, String what, double value) {
    gauge.dataPoint(
        GaugeDataPointSnapshot.builder().labels(Labels.of(label, what)).value(value).build());
  }

  private void gauge(String name, String help, double value) {
    metrics.metricSnapshot(
        GaugeSnapshot.builder()
            .name("mpm4j_" + name)
            .help(help)
            .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
            .build());
  }

  private void counter(String name, String help, double value) {
    metrics.metricSnapshot(
        CounterSnapshot.builder()
            .name("mpm4j_" + name)
            .help(help)
            .dataPoint(CounterDataPointSnapshot.builder().value(value).build())
            .build());
  }

  private void states(String name, String help, Enum<?> actual) {
    StateSetDataPointSnapshot.Builder states = StateSetDataPointSnapshot.builder();
    for (Enum<?> state : actual.getDeclaringClass().getEnumConstants()) {
      states.state(Texts.word(state), state == actual);
    }
    metrics.metricSnapshot(
        StateSetSnapshot.builder()
            .name("mpm4j_" + name)
            .help(help)
            .dataPoint(states.build())
            .build());
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
