package org.mpm4j.impl.supervisor;

import java.util.ArrayList;
import java.util.List;

/// Divides a machine among child JVMs, each of which would size its heap, compilers and collector
/// for the whole machine otherwise.
final class JvmShares {
  private static final long MB = 1 << 20;

  // of the memory, three quarters for heaps; the rest is for what a JVM needs beside its heap
  private static final long HEAP_NUMERATOR = 3;
  private static final long HEAP_DENOMINATOR = 4;
  static final long LEAST_HEAP = 32 * MB;

  // HotSpot's default, and what a small server's code fits in
  private static final long WHOLE_CODE_CACHE = 240 * MB;
  private static final long LEAST_CODE_CACHE = 32 * MB;

  private JvmShares() {}

  /// The options for one of `children` children, but those that `given` options settle already.
  ///
  /// @param given what the configuration says, `ChildJvmOption`
  static List<String> options(int cores, long memory, int children, List<String> given) {
    List<String> options = new ArrayList<>();
    if (!mentions(given, "-XX:ActiveProcessorCount")) {
      options.add("-XX:ActiveProcessorCount=" + Math.max(1, cores / children));
    }
    if (!mentions(given, "-Xmx", "-XX:MaxHeapSize", "-XX:MaxRAM")) {
      options.add("-Xmx" + heap(memory, children) / MB + "m");
    }
    if (!mentions(given, "-XX:ReservedCodeCacheSize")) {
      long share = Math.max(LEAST_CODE_CACHE, WHOLE_CODE_CACHE / children);
      options.add("-XX:ReservedCodeCacheSize=" + share / MB + "m");
    }
    return options;
  }

  /// The heap of one of `children` children, in bytes.
  static long heap(long memory, int children) {
    return Math.max(LEAST_HEAP, memory / HEAP_DENOMINATOR * HEAP_NUMERATOR / children);
  }

  private static boolean mentions(List<String> given, String... names) {
    return given.stream()
        .anyMatch(option -> {
          for (String name : names) {
            if (option.startsWith(name)) {
              return true;
            }
          }
          return false;
        });
  }
}
