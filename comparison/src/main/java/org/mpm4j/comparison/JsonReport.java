package org.mpm4j.comparison;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A run as JSON: every measurement of every round. Pure text.
final class JsonReport {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private JsonReport() {}

  static String of(Report report) {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("title", report.title());
    ObjectNode facts = root.putObject("facts");
    report.facts().forEach(facts::put);
    ArrayNode bars = root.putArray("bars");
    for (Bar bar : Bar.all(report.results())) {
      ObjectNode node =
          bars.addObject()
              .put("bar", bar.text())
              .put("sign", bar.sign())
              .put("wanted", bar.wanted());
      bar.measured().ifPresent(value -> node.put("measured", value));
      node.put("verdict", bar.verdict());
    }
    servers(root.putArray("servers"), report);
    ArrayNode measurements = root.putArray("measurements");
    report.results().measurements().forEach(it -> measurement(measurements.addObject(), it));
    ArrayNode absent = root.putArray("notMeasured");
    for (Scenario scenario : report.settings().scenarios()) {
      for (Contender contender : report.settings().contenders()) {
        for (String reason : report.reasons(contender, scenario)) {
          absent
              .addObject()
              .put("server", contender.word())
              .put("scenario", scenario.word())
              .put("reason", reason);
        }
      }
    }
    try {
      return MAPPER.writeValueAsString(root) + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a tree of numbers and strings
    }
  }

  private static void servers(ArrayNode servers, Report report) {
    for (Contender contender : report.settings().contenders()) {
      ObjectNode node =
          servers
              .addObject()
              .put("server", contender.word())
              .put("title", contender.title())
              .put("setup", contender.setup());
      RawAnswer answer = report.results().answers().get(contender.word());
      if (answer != null) {
        node.put("answerBytes", answer.length());
        answer.head().forEach(node.putArray("answerHead")::add);
      }
    }
  }

  private static void measurement(ObjectNode node, Measurement it) {
    node.put("server", it.server())
        .put("scenario", it.scenario().word())
        .put("round", it.round())
        .put("requests", it.load().requests())
        .put("seconds", it.load().seconds())
        .put("requestsPerSecond", it.requestsPerSecond())
        .put("cpuMicrosPerRequest", it.cpuMicrosPerRequest())
        .put("p50Micros", it.load().p50Micros())
        .put("p99Micros", it.load().p99Micros())
        .put("p999Micros", it.load().p999Micros())
        .put("socketErrors", it.load().socketErrors())
        .put("badStatuses", it.load().badStatuses())
        .put("crowdLost", it.crowdLost());
    if (it.pssBytes() >= 0) {
      node.put("pssBytes", it.pssBytes());
    }
    it.bytesPerIdle().ifPresent(bytes -> node.put("bytesPerIdle", bytes));
  }
}
