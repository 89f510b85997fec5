package org.mpm4j.comparison;

import java.util.DoubleSummaryStatistics;
import java.util.List;

/// A run as Markdown. Pure text.
final class MarkdownReport {
  private final Report report;
  private final Results results;
  private final Markdown text = new Markdown();

  private MarkdownReport(Report report) {
    this.report = report;
    results = report.results();
  }

  static String of(Report report) {
    return new MarkdownReport(report).render();
  }

  private String render() {
    text.line("## " + report.title());
    text.line("");
    report.facts().forEach((name, value) -> text.line("- " + name + ": " + value));
    text.bars(Bar.all(results));
    report.settings().scenarios().forEach(this::scenario);
    answers();
    return text.toString();
  }

  private void scenario(Scenario scenario) {
    text.heading(scenario.word() + ": " + scenario.title());
    List<Contender> contenders = report.settings().contenders();
    if (contenders.stream().anyMatch(it -> !results.of(it.word(), scenario).isEmpty())) {
      boolean idle = scenario.crowd() == Scenario.Crowd.IDLE;
      text.row(
          "server",
          "req/s",
          "min–max",
          "× nginx",
          "× floor",
          "CPU µs/req",
          "MB",
          "p50 ms",
          "p99 ms",
          scenario.usesWrk() ? "p99.9 ms" : "slowest ms",
          "errors",
          idle ? "bytes/idle" : null);
      text.row(
          "---",
          "---:",
          "---:",
          "---:",
          "---:",
          "---:",
          "---:",
          "---:",
          "---:",
          "---:",
          "---:",
          idle ? "---:" : null);
      contenders.forEach(it -> contender(it, scenario, idle));
      text.line("");
    }
    contenders.forEach(it -> remarks(it, scenario));
  }

  private void contender(Contender contender, Scenario scenario, boolean idle) {
    String server = contender.word();
    List<Measurement> rounds = results.of(server, scenario);
    if (rounds.isEmpty()) {
      return;
    }
    DoubleSummaryStatistics rates =
        rounds.stream().mapToDouble(Measurement::requestsPerSecond).summaryStatistics();
    text.row(
        contender.title(),
        Numbers.whole(median(rounds, Measurement::requestsPerSecond)),
        Numbers.whole(rates.getMin()) + "–" + Numbers.whole(rates.getMax()),
        ratio(server, Report.REFERENCE, scenario),
        ratio(server, Report.FLOOR, scenario),
        Numbers.tenths(median(rounds, Measurement::cpuMicrosPerRequest)),
        Numbers.megabytes(median(rounds, it -> it.pssBytes())),
        Numbers.millis(median(rounds, it -> it.load().p50Micros())),
        Numbers.millis(median(rounds, it -> it.load().p99Micros())),
        Numbers.millis(median(rounds, it -> it.load().p999Micros())),
        errors(rounds),
        idle
            ? Bar.perIdle(results, server).stream()
                .mapToObj(Numbers::whole)
                .findFirst()
                .orElse(Numbers.NONE)
            : null);
  }

  private static double median(
      List<Measurement> rounds, java.util.function.ToDoubleFunction<Measurement> metric) {
    return Results.median(rounds.stream().mapToDouble(metric)).orElseThrow();
  }

  private String ratio(String server, String other, Scenario scenario) {
    return Numbers.ratio(results.ratio(server, other, scenario, Measurement::requestsPerSecond));
  }

  private static String errors(List<Measurement> rounds) {
    long sockets = rounds.stream().mapToLong(it -> it.load().socketErrors()).sum();
    long statuses = rounds.stream().mapToLong(it -> it.load().badStatuses()).sum();
    long crowd = rounds.stream().mapToLong(Measurement::crowdLost).sum();
    if (sockets + statuses + crowd == 0) {
      return "0";
    }
    return "**%d socket, %d status, %d beside**".formatted(sockets, statuses, crowd);
  }

  private void remarks(Contender contender, Scenario scenario) {
    String note = contender.notes().get(scenario);
    if (note != null && !contender.cannot().containsKey(scenario)) {
      text.line("- " + contender.title() + ": " + note + ".");
    }
    for (String reason : report.reasons(contender, scenario)) {
      text.line("- " + contender.title() + " is not measured: " + reason + ".");
    }
  }

  private void answers() {
    text.heading("The servers, and what they answer to one request");
    text.row("server", "setup", "bytes", "head");
    text.row("---", "---", "---:", "---");
    for (Contender contender : report.settings().contenders()) {
      RawAnswer answer = results.answers().get(contender.word());
      String missing = results.missing().getOrDefault(contender.word(), Numbers.NONE);
      text.row(
          contender.title(),
          contender.setup(),
          answer == null ? Numbers.NONE : Integer.toString(answer.length()),
          answer == null ? missing : "`" + String.join("` `", answer.head()) + "`");
    }
  }
}
