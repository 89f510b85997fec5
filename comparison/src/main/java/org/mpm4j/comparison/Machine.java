package org.mpm4j.comparison;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mpm4j.impl.os.Linux;

/// What it is measured on.
final class Machine {
  private Machine() {}

  /// Its processors and its kernel.
  static String words() throws IOException {
    return Runtime.getRuntime().availableProcessors()
        + " processors ("
        + processor()
        + "), Linux "
        + System.getProperty("os.version");
  }

  /// The processor's name, as far as the kernel tells it.
  private static String processor() throws IOException {
    return Files.readString(Path.of("/proc/cpuinfo"))
        .lines()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /// Those that many connections may meet; what the kernel does not tell is left out.
  static String limits() throws IOException {
    StringBuilder limits = new StringBuilder();
    for (String name : List.of("ipv4/tcp_mem", "core/somaxconn", "netfilter/nf_conntrack_max")) {
      Path file = Path.of("/proc/sys/net", name);
      if (Files.exists(file)) {
        // by lines: what readString asks for first is too little, and there is no second part
        try (BufferedReader reader = Files.newBufferedReader(file)) {
          limits.append(name).append(' ').append(reader.readLine()).append(", ");
        }
      }
    }
    return limits
        .append("hard limit of descriptors ")
        .append(Linux.open().openFileHardLimit())
        .toString();
  }

  /// Over one, five and fifteen minutes.
  static String loadAverage() throws IOException {
    String[] fields = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
    return fields[0] + ", " + fields[1] + ", " + fields[2];
  }

  /// The first line that a server prints for `-v`.
  static String version(Path program) throws IOException {
    Process process =
        new ProcessBuilder(program.toString(), "-v").redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.lines().findFirst().orElse("unknown");
  }
}
