package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Counters;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/// The forms of the page, against what they were when somebody looked at them, and against what
/// clients may put into them.
class StatusPageTest {
  private static final String[] NASTY = {
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "]]>",
    "<!--",
    "-->",
    "&amp;&#x3c;&",
    "\0\u0001\u001b[31m\u007f\u0085",
    "\r\nScoreboard: WWW\n",
    "\u202egnp.exe",
    "\ud800",
    "\udfff\ud800",
    "\ufffe\uffff",
    "\u2028\u2029",
    "\\\" \\u0000",
    "é漢😀",
    "{}[]:,",
    "# EOF\n# TYPE x counter",
    "</style></table></html>"
  };

  static String golden(String name) throws IOException {
    try (InputStream stream = StatusPageTest.class.getResourceAsStream("golden/" + name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String normalised(StatusReply reply) {
    return reply
        .body()
        .replace(Build.THIS.version(), "VERSION")
        .replace(Build.THIS.built(), "BUILT");
  }

  /// A page that has seen the server five seconds ago.
  private static StatusPage watched() {
    StatusPage page = Samples.page();
    MpmStatus now = Samples.event();
    page.observe(Samples.with(now, now.at().minusSeconds(20), Samples.counters(1_100_000)));
    page.observe(Samples.with(now, now.at().minusSeconds(5), Samples.counters(1_234_067)));
    return page;
  }

  @ParameterizedTest
  @CsvSource({"auto, event.txt", "json, event.json", "'', event.html"})
  void aServerUnderEvent(String query, String file) throws Exception {
    assertEquals(golden(file), normalised(watched().reply(Samples.event(), query)));
  }

  @ParameterizedTest
  @CsvSource({"auto, prefork.txt", "json, prefork.json", "'', prefork.html"})
  void aServerInTrouble(String query, String file) throws Exception {
    assertEquals(golden(file), normalised(Samples.page().reply(Samples.prefork(), query)));
  }

  @Test
  void metrics() throws Exception {
    StatusReply open = Samples.page().metrics(Samples.event(), "");
    assertEquals(golden("event.openmetrics"), normalised(open));
    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        open.headers().get("Content-Type"));
    StatusReply old = Samples.page().metrics(Samples.event(), "text/plain;version=0.0.4");
    assertEquals(golden("event.prometheus"), normalised(old));
    Map<String, Double> samples = MetricsParser.parse(open.body());
    assertEquals(1_234_567, samples.get("mpm4j_requests_total"));
    assertEquals(60, sum(samples, "mpm4j_workers{"));
    assertEquals(60, sum(samples, "mpm4j_scoreboard{"));
    assertEquals(1, sum(samples, "mpm4j_phase{"));
  }

  private static double sum(Map<String, Double> samples, String start) {
    return samples.entrySet().stream()
        .filter(sample -> sample.getKey().startsWith(start))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  @Test
  void theLettersAddUp() {
    Map<String, String> values = AutoParser.parse(watched().reply(Samples.event(), "auto").body());
    String letters = Objects.requireNonNull(values.get("Scoreboard"));
    assertEquals(
        "WRKWWC____" + "_W_K______" + "SSSSSSSSSS" + ".".repeat(10) + "GG........" + ".".repeat(10),
        letters);
    assertEquals("8", values.get("BusyWorkers"));
    assertEquals("12", values.get("IdleWorkers"));
    assertEquals("2", values.get("GracefulWorkers"));
    assertEquals("4", values.get("Processes"));
    assertEquals("1", values.get("Stopping"));
  }

  @Test
  void preforkHasNoAsyncKeys() {
    Map<String, String> values =
        AutoParser.parse(Samples.page().reply(Samples.prefork(), "auto").body());
    assertNull(values.get("ConnsTotal"));
    assertNull(values.get("ReqPerSec"));
    assertEquals("....", values.get("Scoreboard"));
  }

  @ParameterizedTest
  @CsvSource({
    "refresh, 10",
    "refresh=, 10",
    "refresh=0, 10",
    "refresh=-3, 10",
    "refresh=x, 10",
    "refresh=99999999999, 10",
    "refresh=7, 7",
    "auto&refresh=7, 7",
    "refresh=3%0d%0aX:1, 10",
    "refreshing, ",
    "auto, "
  })
  void refreshIsANumber(String query, String expected) {
    assertEquals(expected, Samples.page().reply(Samples.event(), query).headers().get("Refresh"));
  }

  @Test
  void nothingOfTheQueryIsEchoed() throws Exception {
    String query = "needle=<x>&refresh=needle&auto=needle";
    StatusReply reply = Samples.page().reply(Samples.event(), query);
    assertFalse(reply.body().contains("needle"));
    assertFalse(reply.headers().toString().contains("needle"));
    var _ = xml(reply.body());
  }

  @Test
  void nothingThatAClientSendsBreaksAForm() throws Exception {
    Random random = new Random(20260301);
    for (int round = 0; round < 300; round++) {
      MpmStatus status = Samples.event(nasty(random), nasty(random));
      StatusPage page = Samples.page();
      String html = page.reply(status, "").body();
      Document document = xml(html);
      assertEquals(0, document.getElementsByTagName("script").getLength());
      assertEquals(0, document.getElementsByTagName("img").getLength());
      assertEquals(1, document.getElementsByTagName("style").getLength());
      NodeList rows = document.getElementsByTagName("tr");
      assertEquals(2 + 6 + 2 + 2 + 4, rows.getLength());
      assertTrue(
          html.codePoints()
              .allMatch(c -> c == '\n' || Texts.line(Character.toString(c)).codePointAt(0) == c));
      var _ = AutoParser.parse(page.reply(status, "auto").body());
      String json = page.reply(status, "json").body();
      assertEquals(20, strings(json, "request").size());
      for (String request : strings(json, "request")) {
        assertEquals(
            Texts.line(status.children().getFirst().threads().getFirst().request()), request);
      }
      var _ = MetricsParser.parse(page.metrics(status, "").body());
    }
  }

  private static String nasty(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      if (random.nextBoolean()) {
        text.append(NASTY[random.nextInt(NASTY.length)]);
      } else {
        text.append((char) random.nextInt(random.nextBoolean() ? 128 : 0x10000));
      }
    }
    return text.toString();
  }

  private static Document xml(String html) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setXIncludeAware(false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
  }

  private static List<String> strings(String json, String name) throws IOException {
    List<String> values = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING && name.equals(parser.currentName())) {
          values.add(parser.getText());
        }
      }
    }
    return values;
  }

  @Test
  void ratesAreOfTheLastSeconds() {
    StatusHistory history = new StatusHistory();
    MpmStatus status = Samples.event();
    StatusHistory.Interval first = history.add(at(status, 0, 1000));
    assertEquals(Duration.between(Samples.STARTED, Samples.NOW), first.over());
    assertEquals(Duration.ofSeconds(5), history.add(at(status, 5000, 1500)).over());
    assertEquals(100, history.add(at(status, 5000, 1500)).accesses());
    assertEquals(0, history.add(at(status, 15_000, 1500)).accesses());
    assertEquals(2, history.course().size());
  }

  @Test
  void theHistoryStaysShort() {
    StatusHistory history = new StatusHistory();
    for (int i = 0; i < 100_000; i++) {
      var _ = history.add(at(Samples.event(), i * 10L, i));
    }
    assertTrue(history.course().size() <= 300, () -> "size " + history.course().size());
  }

  @Test
  void aClockThatIsSetBackBeginsTheHistoryAnew() {
    StatusHistory history = new StatusHistory();
    var _ = history.add(at(Samples.event(), 0, 10));
    var _ = history.add(at(Samples.event(), -3_600_000, 20));
    assertEquals(0, history.course().size());
  }

  private static MpmStatus at(MpmStatus status, long millis, long accesses) {
    Counters totals = new Counters(accesses, 0, Duration.ZERO, 0, 0, 0, 0, 0, 0);
    return Samples.with(status, status.at().plusMillis(millis), totals);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0", "1, 1", "12.5, 12.5", "0.00259347, .00259347", "0.000123456789, .000123457",
    "0.0000123, 1.23e-05", "999999, 999999", "1234567, 1.23457e+06", "0.5, .5", "100, 100",
    "123456.7, 123457", "2000000, 2e+06"
  })
  void numbersAreWrittenAsHttpdWritesThem(double value, String text) {
    assertEquals(text, AutoText.number(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0, ' 0 seconds'",
    "1, ' 1 second'",
    "61, ' 1 minute 1 second'",
    "7200, ' 2 hours'",
    "176523, ' 2 days 1 hour 2 minutes 3 seconds'"
  })
  void uptimesAreInWords(long seconds, String words) {
    assertEquals(words, AutoText.words(seconds));
  }
}
