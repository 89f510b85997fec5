package org.mpm4j.impl.os;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// The environment variables by which systemd speaks to a service (sd_notify(3),
/// sd_watchdog_enabled(3), sd_listen_fds(3)).
public final class SystemdEnvironment {
  static final String NOTIFY_SOCKET = "NOTIFY_SOCKET";
  static final String WATCHDOG_USEC = "WATCHDOG_USEC";
  static final String WATCHDOG_PID = "WATCHDOG_PID";
  static final String LISTEN_PID = "LISTEN_PID";
  static final String LISTEN_FDS = "LISTEN_FDS";
  static final String LISTEN_FDNAMES = "LISTEN_FDNAMES";

  /// The variables that concern one process only: its children must not inherit them.
  public static final Set<String> NAMES =
      Set.of(
          NOTIFY_SOCKET,
          WATCHDOG_USEC,
          WATCHDOG_PID,
          LISTEN_PID,
          "LISTEN_PIDFDID", // says with LISTEN_PID who is meant; since systemd 259
          LISTEN_FDS,
          LISTEN_FDNAMES);

  private SystemdEnvironment() {}

  /// A variable's value as a number from 0 to `most`.
  ///
  /// @return empty if it is not set
  /// @throws IOException if it is not such a number
  static OptionalLong number(Map<String, String> environment, String name, long most)
      throws IOException {
    String value = environment.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(value);
      if (number >= 0 && number <= most) {
        return OptionalLong.of(number);
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IOException(
        "environment variable "
            + name
            + "="
            + value
            + ": expected a number"
            + (most == Long.MAX_VALUE ? " of zero or more" : " from 0 to " + most));
  }
}
