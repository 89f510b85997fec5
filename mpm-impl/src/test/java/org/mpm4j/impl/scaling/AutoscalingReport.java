package org.mpm4j.impl.scaling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// The simulated part of docs/autoscaling.md and its plots. `bin/simulate-autoscaling` writes them.
final class AutoscalingReport {
  private static final String PAGE = "autoscaling.md";
  private static final String BEGIN = "<!-- simulated: bin/simulate-autoscaling writes this -->\n";
  private static final String END = "<!-- end of simulated -->\n";

  /// Both rules under the same conditions.
  record Comparison(
      LoadTrace load, ScalingLimits limits, int bootMillis, Simulation httpd, Simulation mpm4j) {
    static Comparison of(LoadTrace load, ScalingLimits limits, int bootMillis) {
      long boot = bootMillis * 1_000_000L;
      return new Comparison(
          load,
          limits,
          bootMillis,
          Simulation.run(load, limits, boot, (of, random) -> new HttpdRule(of, 0, random)),
          Simulation.run(load, limits, boot, (of, _) -> new AutoscalerRule(of, 0)));
    }

    String model() {
      return limits.workersPerChild() == 1 ? "prefork" : "event";
    }

    String boot() {
      return String.format(Locale.ROOT, "%.1f s", bootMillis / 1000.0);
    }

    private String both(String format, ToDoubleFunction<Simulation> figure) {
      return String.format(
          Locale.ROOT,
          " " + format + " / " + format + " |",
          figure.applyAsDouble(httpd),
          figure.applyAsDouble(mpm4j));
    }
  }

  private final List<Comparison> comparisons = new ArrayList<>();

  AutoscalingReport() {
    for (LoadTrace load : LoadTrace.values()) {
      for (ScalingLimits limits : List.of(HttpdRule.EVENT, HttpdRule.PREFORK)) {
        comparisons.add(Comparison.of(load, limits, 300));
        comparisons.add(Comparison.of(load, limits, 3000));
      }
    }
  }

  public static void main(String[] args) throws IOException {
    Path docs = Path.of(args[0]);
    for (Map.Entry<String, String> file : new AutoscalingReport().files(docs).entrySet()) {
      Files.writeString(docs.resolve(file.getKey()), file.getValue());
    }
  }

  List<Comparison> comparisons() {
    return comparisons;
  }

  /// What each file in `docs` should be; of the page only the simulated part differs from what it
  /// is.
  Map<String, String> files(Path docs) throws IOException {
    String page = Files.readString(docs.resolve(PAGE));
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(PAGE + " has no place for the simulation");
    }
    Map<String, String> files = new LinkedHashMap<>();
    files.put(PAGE, page.substring(0, begin) + BEGIN + results() + page.substring(end));
    for (LoadTrace load : LoadTrace.values()) {
      files.put(plotName(load), plot(load));
    }
    return files;
  }

  private String results() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        | load | model | a child is ready after | longest wait, s | unmet, request-seconds \
        | children too many at the peak | reversals | children started | children on average |
        |---|---|---|---|---|---|---|---|---|
        """);
    for (Comparison row : comparisons) {
      text.append("| ").append(row.load().title);
      text.append(" | ").append(row.model()).append(" | ").append(row.boot()).append(" |");
      text.append(row.both("%.1f", Simulation::longestWait));
      text.append(row.both("%.0f", Simulation::unmet));
      text.append(row.both("%.0f", Simulation::overshoot));
      text.append(row.both("%.0f", Simulation::reversals));
      text.append(row.both("%.0f", Simulation::starts));
      text.append(row.both("%.1f", Simulation::meanChildren)).append('\n');
    }
    for (LoadTrace load : LoadTrace.values()) {
      text.append(String.format(Locale.ROOT, "\n![%s](%s)\n", plotTitle(load), plotName(load)));
    }
    return text.toString();
  }

  private String plot(LoadTrace load) {
    List<Comparison> panels = comparisons.stream().filter(c -> c.load() == load).toList();
    LoadPlot plot = new LoadPlot(plotTitle(load), panels.size());
    for (Comparison panel : panels) {
      ScalingLimits limits = panel.limits();
      plot.panel(
          panel.model() + ", a child is ready after " + panel.boot(),
          limits.childLimit() * limits.workersPerChild(),
          panel.mpm4j().demand(),
          panel.httpd().workers(),
          panel.mpm4j().workers());
    }
    return plot.svg();
  }

  private static String plotTitle(LoadTrace load) {
    return "Load: " + load.title;
  }

  private static String plotName(LoadTrace load) {
    return "autoscaling-" + load.title.replace(' ', '-') + ".svg";
  }
}
