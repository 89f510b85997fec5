package org.mpm4j.impl.child;

import java.time.Duration;
import org.mpm4j.MpmConfig;
import org.mpm4j.RequestReadTimeout;

/// The time limits of connections, in nanoseconds, as the configuration sets them.
record Limits(
    long timeout,
    boolean keepAlive,
    long keepAliveTimeout,
    int maxKeepAliveRequests,
    RequestReadTimeout requestRead) {
  /// How long a client may go on sending after the server has shut its direction down
  /// (`MAX_SECS_TO_LINGER`, httpd's include/httpd.h).
  static final long LINGER = Duration.ofSeconds(30).toNanos();

  /// The same while the child drains (`SECONDS_TO_LINGER`), counted from the drain for those that
  /// linger already.
  static final long SHORT_LINGER = Duration.ofSeconds(2).toNanos();

  /// How long a draining child waits for the next request of an idle connection, or the first one
  /// of a new connection: it may be on its way, and the answer to it says that the connection ends.
  static final long DRAIN_GRACE = Duration.ofSeconds(1).toNanos();

  /// How long a thread that lingers waits for the next bytes (httpd's blocking lingering close).
  static final long LINGER_GAP = SHORT_LINGER;

  /// When the wait of an idle connection, or one that lingers, is over in a child that drains.
  ///
  /// @param deadline when it would be over otherwise
  /// @param from the later one of the beginnings of the wait and the drain
  static long inDrain(long deadline, long from, boolean lingers) {
    long grace = from + (lingers ? SHORT_LINGER : DRAIN_GRACE);
    return deadline - grace < 0 ? deadline : grace;
  }

  static Limits of(MpmConfig config) {
    return new Limits(
        config.timeout().toNanos(),
        config.keepAlive() && !config.keepAliveTimeout().isZero(),
        config.keepAliveTimeout().toNanos(),
        config.maxKeepAliveRequests(),
        config.requestReadTimeout());
  }

  /// How long the head or the body of a request may take in all, when so many bytes of it have
  /// come; [Long#MAX_VALUE] for no limit.
  long requestRead(boolean body, long bytes) {
    RequestReadTimeout.Stage stage = body ? requestRead.body() : requestRead.header();
    if (!stage.enabled()) {
      return Long.MAX_VALUE;
    }
    long seconds = stage.initial().toSeconds();
    if (stage.minRate() > 0) {
      seconds += bytes / stage.minRate();
    }
    if (!stage.maximum().isZero()) {
      seconds = Math.min(seconds, stage.maximum().toSeconds());
    }
    return Duration.ofSeconds(seconds).toNanos();
  }

  /// The shortest of the limits that a waiting connection may run into, at most a second.
  long shortest() {
    long shortest = Math.min(Duration.ofSeconds(1).toNanos(), timeout);
    return keepAlive ? Math.min(shortest, keepAliveTimeout) : shortest;
  }
}
