package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CapacityReportTest {
  private final CapacityResults results = new CapacityResults();

  private static LoadGenerator.Cost cost(long perSecond, double cpuMicros) {
    return new LoadGenerator.Cost(
        new LoadResult(perSecond * 2, 2, 500, 2_000, 9_000, 0, 0), cpuMicros);
  }

  private void held(int round, int idle, long perSecond, double cpuMicros, int answered) {
    results.held().add(new CapacityResults.Held(round, idle, cost(perSecond, cpuMicros), answered));
  }

  private String verdict(String text) {
    return results.bars().stream()
        .filter(it -> it.text().startsWith(text))
        .map(it -> it.shown() + " " + it.verdict())
        .findFirst()
        .orElse("no such bar");
  }

  @Test
  void idleConnectionsAreComparedWithNoneOfTheSameRound() {
    // the machine is half as fast in the second round
    held(1, 0, 40_000, 10, 0);
    held(1, 10_000, 39_000, 10.5, 10_000);
    held(2, 0, 20_000, 20, 0);
    held(2, 10_000, 19_500, 21, 9_999);
    assertEquals("1.05 met", verdict("CPU per request, 10,000 idle / none"));
    assertEquals("0.98 met", verdict("requests per second, 10,000 idle / none"));
    assertEquals("9,999 not met", verdict("10,000 idle: how many answer"));
    String markdown = CapacityReport.of("A run", Map.of(), results);
    assertTrue(
        markdown.contains(
            "| 10,000 | 29,250 | 0.98 | 15.8 | 1.05 | 0.50 | 2.00 | 0 | 10,000; 9,999 |\n"),
        markdown);
  }

  @Test
  void theMemoryOfAConnectionIsTheMedianOfTheRounds() {
    KernelMemory kernel = new KernelMemory(4_000_000, 12);
    for (long more : new long[] {500_000, 2_000_000, 600_000}) {
      results
          .memory()
          .add(
              new CapacityResults.Memory(
                  "defaults", 1, 1_000, 1 << 20, (1 << 20) + more, kernel, 1_000));
    }
    assertEquals("600 met", verdict("bytes of memory per idle connection, defaults"));
    assertTrue(
        CapacityReport.of("A run", Map.of(), results)
            .contains(
                "| defaults | 1,000 | 1 | 2 | 600 | 500; 2,000; 600 | 4,000 | 12 | 1,000 |\n"));
  }

  @Test
  void manyConnectionsMustAllAnswerOnceMore() {
    results
        .many()
        .add(
            new CapacityResults.Many(
                300,
                300,
                1.5,
                List.of(100L, 120L, 80L),
                cost(40_000, 10),
                cost(38_000, 11),
                1 << 20,
                2 << 20,
                new KernelMemory(600_000, 3),
                299,
                0.5));
    assertEquals("299 not met", verdict("connections over 3 children"));
    String markdown = CapacityReport.of("A run", Map.of("machine", "small"), results);
    assertTrue(markdown.contains("- machine: small\n"), markdown);
    assertTrue(markdown.contains("| connections of each child | 100; 120; 80 |\n"), markdown);
    assertTrue(markdown.contains("| 2,000 bytes each; 3 more pages of TCP buffers |\n"), markdown);
  }

  @Test
  void whatTheKernelHoldsIsReadFromProc() {
    assertEquals(
        new KernelMemory(220_076 * 1024, 367),
        KernelMemory.parse(
            "MemFree: 5 kB\nSlab:             220076 kB\n",
            "sockets: used 13\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 367\nUDP: inuse 0 mem 0\n"));
    assertThrows(IllegalArgumentException.class, () -> KernelMemory.parse("", ""));
  }

  @Test
  void theHistogramTellsWhatGrew() throws IOException {
    String format =
        """
         num     #instances         #bytes  class name (module)
        -------------------------------------------------------
           1:         12345        %d  [B (java.base@25)
           2:            10            2400  org.example.Connection
        Total         12355          100000
        """;
    Histogram before = Histogram.parse(format.formatted(10_000));
    Histogram after = Histogram.parse(format.formatted(12_500));
    assertEquals(List.of(new Histogram.Growth("[B", 0, 25)), after.since(before, 100));
    assertThrows(IOException.class, () -> Histogram.parse("4711: No such process"));
  }

  @Test
  void theStatusPageTellsTheConnectionsOfEachChild() throws IOException {
    String page =
        """
        {"connections": {"total": 7}, "children": [
          {"slot": 0, "connections": {"total": 3}}, {"slot": 1, "connections": {"total": 4}}]}
        """;
    assertEquals(List.of(3L, 4L), ChildConnections.of(new ObjectMapper().readTree(page)));
  }
}
