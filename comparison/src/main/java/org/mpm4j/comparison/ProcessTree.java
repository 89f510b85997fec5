package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.mpm4j.impl.os.ProcessInfo;

/// A process and everything below it.
final class ProcessTree {
  private static final long LOOK_MILLIS = 100;
  private static final long CALM_NANOS = 10_000_000; // used between two looks

  private final ProcessHandle root;

  ProcessTree(ProcessHandle root) {
    this.root = root;
  }

  /// All of its processes that are alive now.
  List<ProcessHandle> processes() {
    return Stream.concat(Stream.of(root), root.descendants())
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  /// The processor time that each process has used, by its id.
  Map<Long, Long> cpuNanos() {
    Map<Long, Long> times = new HashMap<>();
    for (ProcessHandle process : processes()) {
      ProcessInfo.read((int) process.pid())
          .ifPresent(info -> times.put(process.pid(), info.cpuNanos()));
    }
    return times;
  }

  /// What was used between two looks. A process that ended in between is not counted.
  static long cpuNanosBetween(Map<Long, Long> before, Map<Long, Long> after) {
    long sum = 0;
    for (Map.Entry<Long, Long> entry : after.entrySet()) {
      sum += entry.getValue() - before.getOrDefault(entry.getKey(), 0L);
    }
    return sum;
  }

  /// Waits until it has nothing to do, or for a time.
  void awaitCalm(int mostSeconds) throws InterruptedException {
    long begun = System.nanoTime();
    long used;
    do {
      Map<Long, Long> before = cpuNanos();
      Thread.sleep(LOOK_MILLIS);
      used = cpuNanosBetween(before, cpuNanos());
    } while (used >= CALM_NANOS
        && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(mostSeconds));
  }

  /// The proportional set size of all its processes: a page that several share counts once.
  ///
  /// @return in bytes, or -1 where it may not be read
  long pssBytes() {
    long sum = 0;
    for (ProcessHandle process : processes()) {
      try {
        sum +=
            pssBytes(
                Files.readString(Path.of("/proc", Long.toString(process.pid()), "smaps_rollup")));
      } catch (IOException _) {
        if (process.isAlive()) {
          return -1;
        }
      }
    }
    return sum;
  }

  /// Reads proc_pid_smaps_rollup(5).
  static long pssBytes(String rollup) {
    return rollup
        .lines()
        .filter(line -> line.startsWith("Pss:"))
        .map(line -> line.substring("Pss:".length()).strip().split(" ", -1)[0])
        .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
        .findFirst()
        .orElse(0);
  }
}
