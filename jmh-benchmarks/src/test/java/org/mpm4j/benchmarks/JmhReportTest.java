package org.mpm4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JmhReportTest {
  private static final String PLAIN =
      """
      {"jmhVersion": "1.37", "benchmark": "org.example.QueueBenchmark.offer", "forks": 1,
       "vmName": "VM", "vmVersion": "25", "warmupIterations": 2, "warmupTime": "300 ms",
       "measurementIterations": 3, "measurementTime": "300 ms",
       "params": {"design": "A", "items": "16"},
       "primaryMetric": {"score": 1234.56, "scoreError": 12.345, "scoreUnit": "ns/op",
         "rawData": [[1200.4, 1300.6], [1150.0]]},
       "secondaryMetrics": {"gc.alloc.rate": {"score": 1.0, "scoreUnit": "MB/sec"}}}
      """;

  private static final String GROUP =
      """
      {"jmhVersion": "1.37", "benchmark": "org.example.LockBenchmark.both", "forks": 1,
       "vmName": "VM", "vmVersion": "25", "warmupIterations": 2, "warmupTime": "300 ms",
       "measurementIterations": 1, "measurementTime": "1 s",
       "primaryMetric": {"score": 99.0, "scoreError": "NaN", "scoreUnit": "ns/op", "rawData": [[99.0]]},
       "secondaryMetrics": {
         "reader": {"score": 0.1234, "scoreError": "NaN", "scoreUnit": "ns/op", "rawData": [[0.1234]]},
         "writer": {"score": 20.06, "scoreError": "NaN", "scoreUnit": "ns/op", "rawData": [[20.06]]}}}
      """;

  private static final String COUNTED =
      """
      {"jmhVersion": "1.37", "benchmark": "org.example.QueueBenchmark.poll", "forks": 1,
       "vmName": "VM", "vmVersion": "25", "warmupIterations": 2, "warmupTime": "300 ms",
       "measurementIterations": 2, "measurementTime": "300 ms",
       "primaryMetric": {"score": 999.96, "scoreError": "NaN", "scoreUnit": "us/op",
         "rawData": [[999.96]]},
       "secondaryMetrics": {"waitMicros": {"score": 30.0, "scoreError": "NaN", "scoreUnit": "#",
         "rawData": [[10.0, 20.0]]}}}
      """;

  private static String render(String... results) throws IOException {
    String json = "[" + String.join(",", results) + "]";
    return JmhReport.render(new ObjectMapper().readTree(json), Map.of("machine", "two processors"));
  }

  @Test
  void aResultHasItsParametersItsErrorAndItsRange() throws IOException {
    assertTrue(
        render(PLAIN)
            .contains("| offer | design A, items 16 | 1,235 | 12.3 | 1,150–1,301 | ns/op |\n"),
        render(PLAIN));
  }

  @Test
  void aGroupIsShownAsItsMethods() throws IOException {
    String report = render(GROUP);
    assertTrue(report.contains("| both: reader |  | 0.123 | – | 0.123–0.123 | ns/op |\n"), report);
    assertTrue(report.contains("| both: writer |  | 20.1 | – | 20.1–20.1 | ns/op |\n"), report);
    assertFalse(report.contains("99.0"), report);
  }

  @Test
  void aCounterIsShownBesideItsBenchmarkAsTheMeanOfTheIterations() throws IOException {
    String report = render(COUNTED);
    assertTrue(report.contains("| poll |  | 1,000 | – | 1,000–1,000 | us/op |\n"), report);
    assertTrue(report.contains("| poll: waitMicros |  | 15.0 | – | 10.0–20.0 | mean |\n"), report);
  }

  @Test
  void aClassIsATableAndTheRunIsDescribedOnce() throws IOException {
    String report = render(PLAIN, GROUP);
    List<String> lines = report.lines().toList();
    assertEquals("- machine: two processors", lines.get(0));
    assertEquals("- JVM: VM 25", lines.get(1));
    assertEquals(
        "- JMH 1.37: forks: 1, warm-up: 2 × 300 ms, measurement: 3 × 300 ms;"
            + " forks: 1, warm-up: 2 × 300 ms, measurement: 1 × 1 s",
        lines.get(2));
    assertEquals(
        List.of("#### QueueBenchmark", "#### LockBenchmark"),
        lines.stream().filter(line -> line.startsWith("####")).toList());
  }

  @Test
  void aRunWithoutResultsIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> render());
  }

  @Test
  void onlyWhatIsBetweenTheMarksIsReplaced(@TempDir Path folder) throws IOException {
    Path json = Files.writeString(folder.resolve("jmh.json"), "[" + PLAIN + "]");
    Path docs =
        Files.writeString(
            folder.resolve("docs.md"),
            "before\n" + JmhReport.BEGIN + "\nold\n" + JmhReport.END + "\nafter\n");
    JmhReport.main(new String[] {json.toString(), "--docs=" + docs, "date=2026-01-01"});
    JmhReport.main(new String[] {json.toString(), "--docs=" + docs, "date=2026-01-02"});
    String text = Files.readString(docs);
    assertTrue(text.startsWith("before\n" + JmhReport.BEGIN + "\n\n- date: 2026-01-02\n"), text);
    assertTrue(text.endsWith("| ns/op |\n\n" + JmhReport.END + "\nafter\n"), text);
    assertFalse(text.contains("old"), text);
    assertFalse(text.contains("2026-01-01"), text);
  }

  @Test
  void aDocumentWithoutTheMarksIsRefused() {
    String wrongWayRound = JmhReport.END + "\n" + JmhReport.BEGIN + "\n";
    assertThrows(IllegalArgumentException.class, () -> JmhReport.replace("text", "report"));
    assertThrows(IllegalArgumentException.class, () -> JmhReport.replace(wrongWayRound, "report"));
  }
}
