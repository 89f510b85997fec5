package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel holds, of the whole machine.
///
/// @param slabBytes its own objects, of which sockets are some
/// @param tcpPages the buffers of TCP
record KernelMemory(long slabBytes, long tcpPages) {
  static KernelMemory read() throws IOException {
    return parse(
        Files.readString(Path.of("/proc/meminfo")),
        Files.readString(Path.of("/proc/net/sockstat")));
  }

  /// Reads proc_meminfo(5) and /proc/net/sockstat.
  static KernelMemory parse(String meminfo, String sockstat) {
    return new KernelMemory(
        number(meminfo, "(?m)^Slab: +([0-9]+) kB") * 1024,
        number(sockstat, "(?m)^TCP: .*mem ([0-9]+)"));
  }

  /// How much memory may still be used, in bytes.
  static long available() throws IOException {
    return number(Files.readString(Path.of("/proc/meminfo")), "(?m)^MemAvailable: +([0-9]+) kB")
        * 1024;
  }

  KernelMemory since(KernelMemory before) {
    return new KernelMemory(slabBytes - before.slabBytes, tcpPages - before.tcpPages);
  }

  private static long number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("nothing like " + pattern + " in: " + text.strip());
    }
    return Long.parseLong(matcher.group(1));
  }
}
