package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads OpenMetrics text: samples belong to the family announced before them, and none comes
/// twice.
public final class MetricsParser {
  private static final Pattern META = Pattern.compile("# (TYPE|UNIT|HELP) ([a-z_][a-z0-9_]*) (.+)");
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-z_][a-z0-9_]*)((?:\\{(?:[a-z0-9_]+=\"[^\"\\\\\n]*\",?)+\\})?)"
              + " (-?[0-9]+(?:\\.[0-9]+)?(?:E-?[0-9]+)?)");

  private MetricsParser() {}

  /// The samples by their names with labels, as they are written.
  public static Map<String, Double> parse(String text) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    assertEquals("# EOF", lines.removeLast());
    Map<String, Double> samples = new LinkedHashMap<>();
    String family = "";
    for (String line : lines) {
      Matcher meta = META.matcher(line);
      if (meta.matches()) {
        family = meta.group(2);
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertTrue(sample.matches(), line);
      assertTrue(sample.group(1).startsWith(family), line);
      assertEquals(
          null,
          samples.put(sample.group(1) + sample.group(2), Double.valueOf(sample.group(3))),
          line);
    }
    return samples;
  }
}
