package org.mpm4j.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mpm4j.MpmStatus;

/// What the system, rather than the server, counts. proc(5) says what the fields are.
///
/// @param load runnable processes, on average
/// @param cpu of the children that live now
record Machine(Load load, Cpu cpu) {
  private static final int LOADS = 3;
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same wherever mpm4j runs
  private static final int UTIME = 11; // counted from the field behind the name
  private static final int FIELDS = 15;

  /// Averages over 1, 5 and 15 minutes, as httpd has them: -1 where unknown.
  record Load(double one, double five, double fifteen) {
    static final Load UNKNOWN = new Load(-1, -1, -1);
  }

  /// Seconds, as times(2) tells them apart.
  ///
  /// @param user of the processes
  /// @param system for them, in the kernel
  /// @param childrenUser of their own children that have ended
  /// @param childrenSystem for those
  record Cpu(double user, double system, double childrenUser, double childrenSystem) {
    static final Cpu NONE = new Cpu(0, 0, 0, 0);

    double total() {
      return user + system + childrenUser + childrenSystem;
    }

    private Cpu plus(Cpu other) {
      return new Cpu(
          user + other.user,
          system + other.system,
          childrenUser + other.childrenUser,
          childrenSystem + other.childrenSystem);
    }
  }

  /// Reads what can be read.
  static Machine read(MpmStatus status) {
    Cpu cpu = Cpu.NONE;
    for (MpmStatus.Child child : status.children()) {
      cpu = cpu.plus(stat(child.id().pid()));
    }
    return new Machine(loadAverages(), cpu);
  }

  private static Load loadAverages() {
    String[] words = text("loadavg").orElse("").split(" ", -1);
    return words.length < LOADS
        ? Load.UNKNOWN
        : new Load(
            Double.parseDouble(words[0]),
            Double.parseDouble(words[1]),
            Double.parseDouble(words[2]));
  }

  private static Cpu stat(int pid) {
    String stat = text(pid + "/stat").orElse("");
    // The name may contain anything, parentheses too.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    return fields.length < FIELDS
        ? Cpu.NONE
        : new Cpu(seconds(fields, 0), seconds(fields, 1), seconds(fields, 2), seconds(fields, 3));
  }

  private static double seconds(String[] fields, int index) {
    return Long.parseLong(fields[UTIME + index]) / TICKS_PER_SECOND;
  }

  private static Optional<String> text(String name) {
    try {
      return Optional.of(Files.readString(Path.of("/proc", name)));
    } catch (IOException _) {
      return Optional.empty(); // it has ended, or there is no /proc
    }
  }
}
