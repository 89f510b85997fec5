package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads `?auto` as strictly as it can be read: the keys in their order, one of each, each with a
/// value of its form, and nothing else.
public final class AutoParser {
  private static final String WHOLE = "[0-9]+";
  private static final String DECIMAL = "(?:[0-9]+|[0-9]*\\.[0-9]+|[0-9](?:\\.[0-9]+)?e[-+][0-9]+)";
  private static final String TIME =
      "[A-Z][a-z]+day, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{4} [0-9:]{8} [A-Z]+";
  private static final String LOAD = "-?[0-9]+\\.[0-9]{2}";
  private static final String UPTIME = "(?:[0-9]+ (?:day|hour|minute|second)s?(?: |$))+";

  /// The keys with the forms of their values; a `?` marks those that may be left out.
  private static final String[][] FORM = {
    {"ServerVersion", "mpm4j/[0-9]+\\.[0-9]+\\.[0-9]+"},
    {"ServerMPM", "prefork|worker|event"},
    {"Server Built", "[-0-9T:Z]+"},
    {"CurrentTime", TIME},
    {"RestartTime", TIME},
    {"ParentServerConfigGeneration", WHOLE},
    {"ParentServerMPMGeneration", WHOLE},
    {"ServerUptimeSeconds", WHOLE},
    {"ServerUptime", UPTIME},
    {"Load1", LOAD},
    {"Load5", LOAD},
    {"Load15", LOAD},
    {"Total Accesses", WHOLE},
    {"Total kBytes", WHOLE},
    {"Total Duration", WHOLE},
    {"CPUUser", DECIMAL},
    {"CPUSystem", DECIMAL},
    {"CPUChildrenUser", DECIMAL},
    {"CPUChildrenSystem", DECIMAL},
    {"CPULoad?", DECIMAL},
    {"Uptime", WHOLE},
    {"ReqPerSec?", DECIMAL},
    {"BytesPerSec?", DECIMAL},
    {"BytesPerReq?", DECIMAL},
    {"DurationPerReq?", DECIMAL},
    {"BusyWorkers", WHOLE},
    {"GracefulWorkers", WHOLE},
    {"IdleWorkers", WHOLE},
    {"Processes?", WHOLE},
    {"Stopping?", WHOLE},
    {"ConnsTotal?", WHOLE},
    {"ConnsAsyncWaitIO?", WHOLE},
    {"ConnsAsyncWriting?", WHOLE},
    {"ConnsAsyncKeepAlive?", WHOLE},
    {"ConnsAsyncClosing?", WHOLE},
    {"Scoreboard", "[_SRWKCG.]*"}
  };

  private AutoParser() {}

  /// The values by their keys, in the order of the page.
  public static Map<String, String> parse(String text) {
    assertTrue(text.endsWith("\n"), text);
    List<String> lines = new ArrayList<>(text.lines().toList());
    assertFalse(lines.removeFirst().isBlank(), "the first line is the server's name");
    Map<String, String> values = new LinkedHashMap<>();
    for (String[] form : FORM) {
      boolean optional = form[0].endsWith("?");
      String key = optional ? form[0].substring(0, form[0].length() - 1) : form[0];
      String start = key + ": ";
      if (lines.isEmpty() || !lines.getFirst().startsWith(start)) {
        assertTrue(optional, () -> key + " is missing in " + text);
        continue;
      }
      String value = lines.removeFirst().substring(start.length());
      assertTrue(value.matches(form[1]), () -> key + " is " + value);
      values.put(key, value);
    }
    assertEquals(List.of(), lines, "what is left");
    return values;
  }
}
