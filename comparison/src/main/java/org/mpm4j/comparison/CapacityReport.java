package org.mpm4j.comparison;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// A run of `compare --capacity` as Markdown. Pure text.
final class CapacityReport {
  private final CapacityResults results;
  private final Markdown text = new Markdown();

  private CapacityReport(CapacityResults results) {
    this.results = results;
  }

  static String of(String title, Map<String, String> facts, CapacityResults results) {
    CapacityReport report = new CapacityReport(results);
    report.text.line("## " + title);
    report.text.line("");
    facts.forEach((name, value) -> report.text.line("- " + name + ": " + value));
    report.text.bars(results.bars());
    report.held();
    report.memory();
    report.objects();
    results.many().forEach(report::many);
    return report.text.toString();
  }

  private void held() {
    if (results.held().isEmpty()) {
      return;
    }
    text.heading("Cost of a request beside idle connections");
    text.row(
        "idle",
        "req/s",
        "/ none",
        "CPU µs/req",
        "/ none",
        "p50 ms",
        "p99 ms",
        "errors",
        "idle that answer");
    text.row("---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
    for (int idle : results.idle()) {
      text.row(
          Numbers.whole(idle),
          whole(results.median(idle, it -> it.cost().load().requestsPerSecond())),
          Numbers.ratio(results.ratio(idle, it -> it.load().requestsPerSecond())),
          Numbers.tenths(results.median(idle, it -> it.cost().cpuMicrosPerRequest()).orElseThrow()),
          Numbers.ratio(results.ratio(idle, LoadGenerator.Cost::cpuMicrosPerRequest)),
          millis(results.median(idle, it -> it.cost().load().p50Micros())),
          millis(results.median(idle, it -> it.cost().load().p99Micros())),
          Long.toString(
              results.held().stream()
                  .filter(it -> it.idle() == idle)
                  .mapToLong(it -> it.cost().load().errors())
                  .sum()),
          results.held().stream()
              .filter(it -> it.idle() == idle)
              .map(it -> Numbers.whole(it.answered()))
              .distinct()
              .collect(Collectors.joining("; ")));
    }
  }

  private void memory() {
    if (results.memory().isEmpty()) {
      return;
    }
    text.heading("Memory of an idle connection");
    text.row(
        "child",
        "idle",
        "MB without",
        "MB with",
        "bytes each",
        "of the rounds",
        "kernel, bytes each",
        "TCP pages",
        "answer");
    text.row("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
    for (String setting : results.settings()) {
      text.row(
          setting,
          whole(results.memory(setting, CapacityResults.Memory::idle)),
          megabytes(results.memory(setting, CapacityResults.Memory::pssBefore)),
          megabytes(results.memory(setting, CapacityResults.Memory::pssAfter)),
          whole(results.memory(setting, CapacityResults.Memory::bytesEach)),
          results.memory().stream()
              .filter(it -> it.setting().equals(setting))
              .map(it -> Numbers.whole(it.bytesEach()))
              .collect(Collectors.joining("; ")),
          whole(results.memory(setting, it -> (double) it.kernel().slabBytes() / it.idle())),
          whole(results.memory(setting, it -> it.kernel().tcpPages())),
          whole(results.memory(setting, CapacityResults.Memory::answered)));
    }
  }

  private void objects() {
    if (results.objects().isEmpty()) {
      return;
    }
    text.heading("Live objects in the heap for each idle connection");
    text.row("class", "objects each", "bytes each");
    text.row("---", "---:", "---:");
    results
        .objects()
        .forEach(it ->
            text.row(
                "`" + it.type() + "`",
                String.format(Locale.ROOT, "%.3f", it.count()),
                Numbers.tenths(it.bytes())));
    text.row(
        "all of these",
        "",
        Numbers.tenths(results.objects().stream().mapToDouble(Histogram.Growth::bytes).sum()));
  }

  private void many(CapacityResults.Many it) {
    text.heading(
        "%s connections over %d children"
            .formatted(Numbers.whole(it.wanted()), it.spread().size()));
    text.row("", "");
    text.row("---", "---");
    text.row("connected, each with an answer", Numbers.whole(it.connected()));
    text.row("time for that", Numbers.tenths(it.seconds()) + " s");
    text.row(
        "connections of each child",
        it.spread().stream().map(Numbers::whole).collect(Collectors.joining("; ")));
    text.row(
        "answered one more request, in " + Numbers.tenths(it.askSeconds()) + " s",
        Numbers.whole(it.answered()));
    text.row("64 active ones, before", cost(it.alone()));
    text.row("64 active ones, beside them", cost(it.beside()));
    text.row(
        "memory of all processes of the server",
        "%s MB, before %s MB: %s bytes each"
            .formatted(
                Numbers.megabytes((double) it.pssAfter()),
                Numbers.megabytes((double) it.pssBefore()),
                Numbers.whole((double) (it.pssAfter() - it.pssBefore()) / it.connected())));
    text.row(
        "memory of the kernel, for both ends",
        "%s bytes each; %s more pages of TCP buffers"
            .formatted(
                Numbers.whole((double) it.kernel().slabBytes() / it.connected()),
                Numbers.whole((double) it.kernel().tcpPages())));
  }

  private static String cost(LoadGenerator.Cost it) {
    return "%s req/s, %s µs CPU each, p50 %s ms, p99 %s ms, %d errors"
        .formatted(
            Numbers.whole(it.load().requestsPerSecond()),
            Numbers.tenths(it.cpuMicrosPerRequest()),
            Numbers.millis((double) it.load().p50Micros()),
            Numbers.millis((double) it.load().p99Micros()),
            it.load().errors());
  }

  private static String whole(OptionalDouble value) {
    return Numbers.whole(value.orElseThrow());
  }

  private static String megabytes(OptionalDouble value) {
    return Numbers.megabytes(value.orElseThrow());
  }

  private static String millis(OptionalDouble value) {
    return Numbers.millis(value.orElseThrow());
  }
}
