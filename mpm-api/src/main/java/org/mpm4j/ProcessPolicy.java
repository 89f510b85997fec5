package org.mpm4j;

import java.util.Locale;

/// How the number of child processes follows the load, as PHP-FPM's `pm`.
public enum ProcessPolicy {
  /// As in httpd: `StartServers` children at first, then as many as the spare directives ask for.
  DYNAMIC,

  /// Always as many children as `MaxRequestWorkers` allows.
  STATIC,

  /// No child until the first connection, and none once all have been idle for
  /// `ProcessIdleTimeout`.
  ONDEMAND;

  /// The name used by the `ProcessManager` directive.
  String directiveName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
