package org.mpm4j.examples.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Child;
import org.mpm4j.MpmStatus.Counters;

/// Meters of a server for Micrometer:
///
/// ```java
/// new MpmMeters(mpm::status).bindTo(registry);
/// ```
///
/// Each meter takes a snapshot of its own, on the thread that reads it.
///
/// @param status takes the snapshots; must not block
public record MpmMeters(Supplier<MpmStatus> status) implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "workers", "Workers of children that accept", MpmStatus::workers);
    gauge(registry, "workers.busy", "Workers that serve a connection", MpmStatus::busyWorkers);
    gauge(
        registry,
        "connections",
        "Open connections",
        now -> now.children().stream().mapToInt(Child::connections).sum());
    gauge(registry, "children", "Processes", now -> now.children().size());
    gauge(registry, "child.limit", "Processes that may be", MpmStatus::childLimit);
    gauge(registry, "generation", "Generation of the configuration", MpmStatus::generation);
    // Micrometer holds `status` weakly here; the gauges hold it as long as the registry has them.
    var _ =
        FunctionTimer.builder(
                "mpm4j.requests",
                status,
                s -> s.get().totals().accesses(),
                s -> s.get().totals().busy().toNanos(),
                TimeUnit.NANOSECONDS)
            .description("Exchanges that were completed, and the time that workers spent in them")
            .register(registry);
    count("sent", "Bytes sent", Counters::bytes).baseUnit(BaseUnits.BYTES).register(registry);
    count("connections.accepted", "Connections accepted", Counters::accepted).register(registry);
    count("connections.rejected", "Connections closed unserved or to make room", Counters::rejected)
        .register(registry);
    timeouts("keep-alive", Counters::keepAliveTimeouts).register(registry);
    timeouts("read", Counters::readTimeouts).register(registry);
    timeouts("write", Counters::writeTimeouts).register(registry);
  }

  private void gauge(
      MeterRegistry registry, String name, String description, ToDoubleFunction<MpmStatus> value) {
    var _ =
        Gauge.builder("mpm4j." + name, () -> value.applyAsDouble(status.get()))
            .description(description)
            .register(registry);
  }

  private FunctionCounter.Builder<?> timeouts(String kind, ToLongFunction<Counters> count) {
    return count("timeouts", "Connections closed because something took too long", count)
        .tag("kind", kind);
  }

  private FunctionCounter.Builder<?> count(
      String name, String description, ToLongFunction<Counters> count) {
    return FunctionCounter.builder(
            "mpm4j." + name, status, s -> count.applyAsLong(s.get().totals()))
        .description(description);
  }
}
