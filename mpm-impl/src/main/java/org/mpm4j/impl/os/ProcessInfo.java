package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What the kernel knows of a process: one look at proc_pid_stat(5).
///
/// @param state `R` runs, `S` sleeps, `D` waits for a disk, `T` is stopped, `Z` is a zombie
/// @param parent the id of its parent
/// @param startTicks when it started, in hundredths of a second since boot: with the process id it
///   tells a process from a later one of the same id
/// @param cpuNanos the processor time it has used, by steps of ten milliseconds
/// @param residentBytes the memory it has in RAM, pages shared with others included
public record ProcessInfo(
    char state, int parent, long startTicks, long cpuNanos, long residentBytes) {
  private static final char ZOMBIE = 'Z';

  // USER_HZ, asm-generic/param.h; the same on x86-64
  private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100;

  // numbers of proc_pid_stat(5), less the 3 that state has, which comes first after the name
  private static final int PARENT = 1;
  private static final int USER_TIME = 11;
  private static final int SYSTEM_TIME = 12;
  private static final int START_TIME = 19;
  private static final int RESIDENT_PAGES = 21;

  /// Reads it. Does not block.
  ///
  /// @return empty if there is no such process any more
  public static Optional<ProcessInfo> read(int pid) {
    try {
      byte[] stat = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "stat"));
      return Optional.of(parse(new String(stat, StandardCharsets.ISO_8859_1)));
    } catch (IOException _) {
      return Optional.empty(); // ENOENT, or ESRCH if it ended while it was read
    }
  }

  static ProcessInfo parse(String stat) {
    // the name is in parentheses, and may have parentheses and spaces itself
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1);
    long ticks = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
    return new ProcessInfo(
        fields[0].charAt(0),
        Integer.parseInt(fields[PARENT]),
        Long.parseLong(fields[START_TIME]),
        ticks * NANOS_PER_TICK,
        Long.parseLong(fields[RESIDENT_PAGES]) * PageSize.BYTES);
  }

  /// Whether it has ended, and waits for its parent to reap it.
  public boolean isZombie() {
    return state == ZOMBIE;
  }

  private static final class PageSize {
    private static final MemorySegment GETPAGESIZE = Libc.function("getpagesize");
    static final long BYTES = Libc.call32(GETPAGESIZE, 0);
  }
}
