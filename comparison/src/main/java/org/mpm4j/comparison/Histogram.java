package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The live objects of a JVM, by class.
record Histogram(Map<String, Objects> classes) {
  private static final Pattern LINE = Pattern.compile("(?m)^ *[0-9]+: +([0-9]+) +([0-9]+) +(\\S+)");

  Histogram {
    classes = Map.copyOf(classes);
  }

  /// Those of one class.
  record Objects(long count, long bytes) {
    Objects plus(Objects other) {
      return new Objects(count + other.count, bytes + other.bytes);
    }
  }

  /// Asks a JVM, which collects its garbage for that.
  static Histogram of(Processes processes, ProcessHandle jvm)
      throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        processes.start(
            new ProcessBuilder(jcmd.toString(), Long.toString(jvm.pid()), "GC.class_histogram")
                .redirectErrorStream(true));
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return parse(text);
    } finally {
      processes.end(process);
    }
  }

  /// Reads what `jcmd PID GC.class_histogram` prints.
  ///
  /// @throws IOException if it is something else
  static Histogram parse(String text) throws IOException {
    Map<String, Objects> classes = new TreeMap<>();
    for (MatchResult line : LINE.matcher(text).results().toList()) {
      Objects objects = new Objects(Long.parseLong(line.group(1)), Long.parseLong(line.group(2)));
      classes.merge(line.group(3), objects, Objects::plus);
    }
    if (classes.isEmpty()) {
      throw new IOException("jcmd failed: " + text.strip());
    }
    return new Histogram(classes);
  }

  /// What a class has more than before, for each connection.
  record Growth(String type, double count, double bytes) {}

  /// The growth of all classes that grew by half a byte or more for each of a number of
  /// connections, the largest first.
  List<Growth> since(Histogram before, int connections) {
    return classes.entrySet().stream()
        .map(it -> {
          Objects old = before.classes.getOrDefault(it.getKey(), new Objects(0, 0));
          return new Growth(
              it.getKey(),
              (double) (it.getValue().count() - old.count()) / connections,
              (double) (it.getValue().bytes() - old.bytes()) / connections);
        })
        .filter(it -> it.bytes() >= 0.5)
        .sorted(Comparator.comparingDouble(Growth::bytes).reversed())
        .toList();
  }
}
