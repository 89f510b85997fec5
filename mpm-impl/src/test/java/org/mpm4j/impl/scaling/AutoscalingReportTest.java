package org.mpm4j.impl.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// docs/autoscaling.md tells what the simulation finds.
final class AutoscalingReportTest {
  private static final Path DOCS = Path.of("../docs");

  private static final AutoscalingReport REPORT = new AutoscalingReport();

  @Test
  void theCheckedInResultsAreThoseOfTheSimulation() throws IOException {
    for (Map.Entry<String, String> file : REPORT.files(DOCS).entrySet()) {
      Path path = DOCS.resolve(file.getKey());
      boolean fresh = Files.exists(path) && Files.readString(path).equals(file.getValue());
      assertTrue(fresh, path + " is stale: run bin/simulate-autoscaling");
    }
  }

  /// The sentences below the table, one by one.
  @Test
  void theConclusionsHold() {
    assertEquals(
        List.of("FLASH_CROWD prefork 0.3 s"), where(c -> c.mpm4j().unmet() > c.httpd().unmet()));
    assertEquals(
        List.of("SINE prefork 3.0 s"), where(c -> c.mpm4j().overshoot() > c.httpd().overshoot()));
    for (AutoscalingReport.Comparison c : REPORT.comparisons()) {
      String which = name(c);
      assertTrue(c.mpm4j().longestWait() <= c.httpd().longestWait(), which);
      assertTrue(c.mpm4j().reversals() <= c.httpd().reversals(), which);
      assertTrue(c.mpm4j().reversals() <= 3, which);
      if (c.model().equals("prefork") && c.bootMillis() == 3000) {
        assertTrue(c.mpm4j().longestWait() <= 0.67 * c.httpd().longestWait(), which);
      }
    }
  }

  private List<String> where(Predicate<AutoscalingReport.Comparison> condition) {
    return REPORT.comparisons().stream()
        .filter(condition)
        .map(AutoscalingReportTest::name)
        .toList();
  }

  private static String name(AutoscalingReport.Comparison c) {
    return c.load() + " " + c.model() + " " + c.boot();
  }
}
