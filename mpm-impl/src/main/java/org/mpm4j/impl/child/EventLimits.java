package org.mpm4j.impl.child;

import org.mpm4j.MpmConfig;

/// How many connections a child of the event model may have.
///
/// @param admission how many active ones
/// @param maxKeepAliveConnections how many that wait for their next exchange
record EventLimits(Admission admission, int maxKeepAliveConnections) {
  /// Descriptors that are not connections: the JVM's, the listeners, files on their way.
  private static final int OTHER_DESCRIPTORS = 128;

  /// More than this many idle connections in one child must be asked for.
  private static final int DEFAULT_MOST_KEEP_ALIVE = 1 << 16;

  /// @param childLimit how many children there may be
  static EventLimits of(MpmConfig config, int childLimit, long openFileLimit) {
    Admission admission =
        Admission.of(config.threadsPerChild(), config.asyncRequestWorkerFactor(), childLimit);
    long allowed = openFileLimit - OTHER_DESCRIPTORS - mostActive(admission);
    long wanted = config.maxKeepAliveConnections();
    long most = wanted > 0 ? Math.min(wanted, allowed) : Math.min(DEFAULT_MOST_KEEP_ALIVE, allowed);
    return new EventLimits(admission, (int) Math.max(1, most));
  }

  private static int mostActive(Admission admission) {
    double most = admission.threadsPerChild() * (1 + admission.factor());
    return (int) Math.min(1 << 20, Math.ceil(most));
  }

  /// An upper bound for all connections at once but those that linger.
  int mostConnections() {
    return maxKeepAliveConnections + mostActive(admission) + EventListener.BATCH;
  }
}
