package org.mpm4j.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/// JMH's JSON as Markdown: a table for each class of benchmarks. Pure text, but for `main`.
public final class JmhReport {
  /// Between these lines a document has the report.
  static final String BEGIN = "<!-- jmh: begin -->";

  static final String END = "<!-- jmh: end -->";

  private static final String NONE = "–";
  private static final String DOCS = "--docs=";

  private JmhReport() {}

  /// Writes the report of a run to standard output, and into a document.
  ///
  /// @param args JMH's JSON; then `--docs=FILE` for a document whose report is to be replaced, and
  ///   facts on the run as `NAME=VALUE`, in any number
  /// @throws IOException if a file cannot be read or written
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      throw new IllegalArgumentException("usage: RESULTS.json [--docs=FILE] [FACT=VALUE...]");
    }
    List<Path> documents = new ArrayList<>();
    Map<String, String> facts = new LinkedHashMap<>();
    for (String arg : List.of(args).subList(1, args.length)) {
      int equals = arg.indexOf('=');
      if (arg.startsWith(DOCS)) {
        documents.add(Path.of(arg.substring(DOCS.length())));
      } else if (equals > 0) {
        facts.put(arg.substring(0, equals), arg.substring(equals + 1));
      } else {
        throw new IllegalArgumentException("not NAME=VALUE: " + arg);
      }
    }
    String report = render(new ObjectMapper().readTree(Path.of(args[0]).toFile()), facts);
    for (Path document : documents) {
      Files.writeString(document, replace(Files.readString(document), report));
    }
    System.out.print(report);
  }

  /// A document with another report.
  ///
  /// @throws IllegalArgumentException if it does not have the two marks, in this order
  static String replace(String document, String report) {
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END, Math.max(0, begin));
    if (begin < 0 || end < 0) {
      throw new IllegalArgumentException(
          "the document has no line " + BEGIN + " with a line " + END + " behind it");
    }
    return document.substring(0, begin + BEGIN.length())
        + "\n\n"
        + report
        + "\n"
        + document.substring(end);
  }

  /// The report of a run.
  ///
  /// @param results what JMH has written
  /// @param facts what is worth knowing beside it, by name
  static String render(JsonNode results, Map<String, String> facts) {
    if (!results.isArray() || results.isEmpty()) {
      throw new IllegalArgumentException("there is no result in JMH's JSON");
    }
    StringBuilder text = new StringBuilder();
    facts.forEach((name, value) -> line(text, "- " + name + ": " + value));
    settings(results).forEach((name, value) -> line(text, "- " + name + ": " + value));
    Map<String, List<JsonNode>> classes = new LinkedHashMap<>();
    for (JsonNode result : results) {
      classes.computeIfAbsent(className(result), name -> new ArrayList<>()).add(result);
    }
    classes.forEach((name, its) -> table(text, name, its));
    return text.toString();
  }

  /// What the JSON says of the run as a whole. What differs between benchmarks has all its values.
  private static Map<String, String> settings(JsonNode results) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (JsonNode it : results) {
      collect(settings, "JVM", it.path("vmName").asText() + " " + it.path("vmVersion").asText());
      String run =
          "forks: %s, warm-up: %s × %s, measurement: %s × %s"
              .formatted(
                  it.path("forks").asText(),
                  it.path("warmupIterations").asText(),
                  it.path("warmupTime").asText(),
                  it.path("measurementIterations").asText(),
                  it.path("measurementTime").asText());
      collect(settings, "JMH " + it.path("jmhVersion").asText(), run);
    }
    return settings;
  }

  private static void collect(Map<String, String> settings, String name, String value) {
    settings.merge(name, value, (all, one) -> all.contains(one) ? all : all + "; " + one);
  }

  private static void table(StringBuilder text, String name, List<JsonNode> results) {
    line(text, "");
    line(text, "#### " + name);
    line(text, "");
    line(text, "| benchmark | with | score | ± (99.9 %) | min–max | unit |");
    line(text, "| --- | --- | ---: | ---: | ---: | --- |");
    for (JsonNode result : results) {
      Map<String, JsonNode> members = members(result);
      if (members.values().stream().allMatch(JmhReport::isCounter)) {
        row(text, methodName(result), result, result.path("primaryMetric"));
      }
      members.forEach(
          (member, metric) -> row(text, methodName(result) + ": " + member, result, metric));
    }
  }

  /// The methods of a group, whose primary metric mixes them, or a benchmark's own counters. A
  /// profiler's metrics are neither.
  private static Map<String, JsonNode> members(JsonNode result) {
    Map<String, JsonNode> members = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> metric : result.path("secondaryMetrics").properties()) {
      if (metric.getKey().chars().allMatch(Character::isJavaIdentifierPart)) {
        members.put(metric.getKey(), metric.getValue());
      }
    }
    return members;
  }

  /// Whether it is a counter ([org.openjdk.jmh.annotations.AuxCounters]), of which JMH has the sum
  /// of the iterations for its score.
  private static boolean isCounter(JsonNode metric) {
    return metric.path("scoreUnit").asText().equals("#");
  }

  private static void row(StringBuilder text, String name, JsonNode result, JsonNode metric) {
    StringJoiner with = new StringJoiner(", ");
    for (Map.Entry<String, JsonNode> parameter : result.path("params").properties()) {
      with.add(parameter.getKey() + " " + parameter.getValue().asText());
    }
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double sum = 0;
    int count = 0;
    for (JsonNode fork : metric.path("rawData")) {
      for (JsonNode iteration : fork) {
        least = Math.min(least, number(iteration));
        most = Math.max(most, number(iteration));
        sum += number(iteration);
        count++;
      }
    }
    String range = least <= most ? shown(least) + "–" + shown(most) : NONE;
    boolean counter = isCounter(metric);
    line(
        text,
        "| %s | %s | %s | %s | %s | %s |"
            .formatted(
                name,
                with.toString().replace("|", "\\|"),
                shown(counter ? sum / count : number(metric.path("score"))),
                shown(counter ? Double.NaN : number(metric.path("scoreError"))),
                range,
                counter ? "mean" : metric.path("scoreUnit").asText()));
  }

  /// A number; JMH writes one that is none as a text.
  private static double number(JsonNode node) {
    return node.isNumber() ? node.asDouble() : Double.NaN;
  }

  private static String shown(double value) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    double size = Math.abs(value);
    String format = size >= 999.95 ? "%,.0f" : size >= 9.9995 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }

  private static String className(JsonNode result) {
    String name = result.path("benchmark").asText();
    String type = name.substring(0, name.lastIndexOf('.'));
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private static String methodName(JsonNode result) {
    String name = result.path("benchmark").asText();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static void line(StringBuilder text, String words) {
    text.append(words).append('\n');
  }
}
