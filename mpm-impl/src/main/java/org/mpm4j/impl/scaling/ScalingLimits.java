package org.mpm4j.impl.scaling;

import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessPolicy;

/// The bounds of the number of children. A worker is a thread, or under prefork a child.
///
/// @param policy what decides between the bounds
/// @param startServers children to start with, under [ProcessPolicy#DYNAMIC]
/// @param childLimit children at a time, those that start and those that retire included
/// @param workersPerChild workers of a child
/// @param minSpare idle workers below which children are added, under [ProcessPolicy#DYNAMIC]
/// @param maxSpare idle workers above which children are retired, under [ProcessPolicy#DYNAMIC]
/// @param idleTimeoutNanos how long a child may have nothing to do, under [ProcessPolicy#ONDEMAND]
/// @param pinned the number of children that an operator has fixed, whatever the policy says; 0 if
///   none has
public record ScalingLimits(
    ProcessPolicy policy,
    int startServers,
    int childLimit,
    int workersPerChild,
    int minSpare,
    int maxSpare,
    long idleTimeoutNanos,
    int pinned) {
  /// Checks that the numbers are possible.
  ///
  /// @throws IllegalArgumentException if they are not
  public ScalingLimits {
    if (childLimit < 1 || workersPerChild < 1) {
      throw new IllegalArgumentException(
          "no room: childLimit " + childLimit + ", workersPerChild " + workersPerChild);
    }
    if (startServers < 0 || minSpare < 0 || idleTimeoutNanos < 0 || pinned < 0) {
      throw new IllegalArgumentException(
          "below 0: one of startServers "
              + startServers
              + ", minSpare "
              + minSpare
              + ", idleTimeoutNanos "
              + idleTimeoutNanos
              + ", pinned "
              + pinned);
    }
    if (maxSpare < minSpare) {
      throw new IllegalArgumentException("maxSpare " + maxSpare + " < minSpare " + minSpare);
    }
  }

  /// The limits that `config` sets, with nothing pinned.
  public static ScalingLimits of(MpmConfig config) {
    boolean threaded = config.model().threaded();
    return new ScalingLimits(
        config.processManager(),
        config.startServers(),
        config.childLimit(),
        config.threadsPerChild(),
        threaded ? config.minSpareThreads() : config.minSpareServers(),
        threaded ? config.maxSpareThreads() : config.maxSpareServers(),
        config.processIdleTimeout().toNanos(),
        0);
  }

  /// The same limits with the number of children fixed.
  ///
  /// @param children how many, or 0 to leave it to the policy again
  public ScalingLimits withPinned(int children) {
    return new ScalingLimits(
        policy,
        startServers,
        childLimit,
        workersPerChild,
        minSpare,
        maxSpare,
        idleTimeoutNanos,
        children);
  }
}
