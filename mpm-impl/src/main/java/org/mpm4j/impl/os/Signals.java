package org.mpm4j.impl.os;

/// Signal numbers of Linux on x86-64 and aarch64 (asm-generic/signal.h).
public final class Signals {
  /// The terminal hung up; by convention: reload.
  public static final int HUP = 1;

  /// Interrupt from the keyboard.
  public static final int INT = 2;

  /// Quit; HotSpot prints a thread dump.
  public static final int QUIT = 3;

  /// Kill; cannot be caught.
  public static final int KILL = 9;

  /// User signal 1.
  public static final int USR1 = 10;

  /// User signal 2; HotSpot uses it for itself.
  public static final int USR2 = 12;

  /// Write to a pipe or socket that nobody reads.
  public static final int PIPE = 13;

  /// Ask to terminate.
  public static final int TERM = 15;

  /// Go on after a stop.
  public static final int CONT = 18;

  /// Stop; cannot be caught.
  public static final int STOP = 19;

  private static final int FIRST_REAL_TIME = 32;
  private static final int LAST = 64;

  private static final String[] NAMES = {
    "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };

  private Signals() {}

  /// The name without `SIG`; `RT32` and so on for real-time signals.
  public static String name(int signal) {
    if (signal >= FIRST_REAL_TIME && signal <= LAST) {
      return "RT" + signal;
    }
    return signal >= 0 && signal < NAMES.length ? NAMES[signal] : "unknown";
  }
}
