package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.comparison.Scenario.CHURN;
import static org.mpm4j.comparison.Scenario.KEEP_ALIVE_64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.util.OptionalDouble;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

final class ReportTest {
  private final Results results = new Results();

  private Report report() {
    results.add(Runs.round("event", KEEP_ALIVE_64, 1, 60_000));
    results.add(Runs.round("event", KEEP_ALIVE_64, 2, 50_000));
    results.add(Runs.round("event", KEEP_ALIVE_64, 3, 55_000));
    results.add(Runs.round("nginx", KEEP_ALIVE_64, 1, 50_000));
    results.add(
        new Measurement(
            "event",
            CHURN,
            1,
            new LoadResult(100, 2, 1, 2, 3, 4, 5),
            10,
            -1,
            OptionalDouble.empty(),
            6));
    results.add(new Results.Failure("nginx", CHURN, 1, "it | fell over"));
    results.addAnswer("event", RawAnswer.parse("HTTP/1.1 200 OK\r\nA: b\r\n\r\nHello, World!"));
    return Runs.report(results, KEEP_ALIVE_64, CHURN);
  }

  @Test
  void theTableShowsTheMedianTheRangeAndTheRatios() {
    String markdown = MarkdownReport.of(report());
    assertTrue(
        markdown.contains(
            "| mpm4j event | 55,000 | 50,000–60,000 | 1.20 | – | 10.0 | 50 | 0.50 | 2.00 | 9.00 | 0"
                + " |\n"),
        markdown);
    assertTrue(markdown.contains("| keep-alive-64: event / nginx | >= 1.20 | 1.20 | met |\n"));
  }

  @Test
  void errorsStandBesideTheNumber() {
    assertTrue(
        MarkdownReport.of(report()).contains("| **4 socket, 5 status, 6 beside** |\n"),
        MarkdownReport.of(report()));
  }

  @Test
  void whatIsNotMeasuredHasItsReason() {
    String markdown = MarkdownReport.of(report());
    assertTrue(markdown.contains("nginx is not measured: round 1 failed: it | fell over."));
    assertTrue(markdown.contains("floor (bare epoll loop) is not measured: does not parse"));
    results.addMissing("floor", "it was not there");
    assertTrue(MarkdownReport.of(report()).contains("is not measured: it was not there."));
  }

  @Test
  void theHeadsOfTheAnswersAreShown() {
    assertTrue(
        MarkdownReport.of(report())
            .contains("| mpm4j event | 1 child, 64 threads | 38 | `HTTP/1.1 200 OK` `A: b` |\n"));
  }

  @Test
  void theJsonHasEveryRound() throws Exception {
    JsonNode root = new ObjectMapper().readTree(JsonReport.of(report()));
    assertEquals("two \"cores\"", root.at("/facts/machine").asText());
    assertEquals(5, root.get("measurements").size());
    assertEquals(60_000, root.at("/measurements/0/requestsPerSecond").asDouble());
    assertEquals("keep-alive-64", root.at("/measurements/0/scenario").asText());
    assertFalse(root.at("/measurements/4").has("pssBytes"), "it was not known");
    assertEquals(6, root.at("/measurements/4/crowdLost").asInt());
    assertEquals("nginx", root.at("/notMeasured/0/server").asText());
  }

  @Test
  void theChartHasABarForEachServerThatHasANumber() throws Exception {
    Document svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(BarChart.of(report(), KEEP_ALIVE_64))));
    assertEquals(2, svg.getElementsByTagName("rect").getLength());
    int event = width(svg, 0);
    int nginx = width(svg, 1);
    assertEquals(55.0 / 50, (double) event / nginx, 0.01);
  }

  private static int width(Document svg, int bar) {
    return Integer.parseInt(
        svg.getElementsByTagName("rect")
            .item(bar)
            .getAttributes()
            .getNamedItem("width")
            .getNodeValue());
  }

  @Test
  void theTableInTheTerminalHasItsNumbersUnderTheirNames() {
    String line =
        ProgressLine.of(
            Choice.contenders(java.util.List.of("event")).getFirst(),
            Runs.round("event", KEEP_ALIVE_64, 1, 60_000));
    assertEquals(ProgressLine.HEADER.length(), line.length());
    assertEquals(ProgressLine.HEADER.indexOf("req/s") + 5, line.indexOf("60,000") + 6);
  }
}
