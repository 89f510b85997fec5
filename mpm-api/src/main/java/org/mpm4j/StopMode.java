package org.mpm4j;

/// How a server stops.
public enum StopMode {
  /// Accept no more, serve out what is connected, bounded by `GracefulShutdownTimeout`.
  GRACEFUL,
  /// End every child at once; exchanges in progress are cut off.
  IMMEDIATE
}
