package org.mpm4j.status;

import org.mpm4j.Mpm;

/// A server for JMX, as the MXBean `org.mpm4j:type=Mpm,name=NAME` (see [MpmBean]). Each attribute
/// looks at the server anew.
public interface MpmMXBean {
  /// The process model in force.
  ///
  /// @return `event`, `worker` or `prefork`
  String getModel();

  /// The generation of the configuration in force.
  ///
  /// @return its number
  int getGeneration();

  /// What the server is doing as a whole.
  ///
  /// @return a [org.mpm4j.MpmStatus.Phase] in lower case
  String getPhase();

  /// How many processes there are.
  ///
  /// @return those of all generations
  int getChildren();

  /// How many of the current generation may be.
  ///
  /// @return the limit
  int getChildLimit();

  /// The number that [#scale(int)] fixed.
  ///
  /// @return the number, or 0 if it follows the load
  int getPinned();

  /// Workers that serve in children that accept.
  ///
  /// @return how many
  int getBusyWorkers();

  /// Workers that are free in children that accept.
  ///
  /// @return how many
  int getIdleWorkers();

  /// Open connections.
  ///
  /// @return how many
  int getConnections();

  /// Completed exchanges since the server started.
  ///
  /// @return how many
  long getAccesses();

  /// Bytes sent since the server started.
  ///
  /// @return how many
  long getBytes();

  /// The letters of all workers.
  ///
  /// @return what [StatusPage] shows as `Scoreboard`
  String getScoreboard();

  /// Whether children may be started.
  ///
  /// @return a [org.mpm4j.MpmStatus.BreakerState] in lower case
  String getBreaker();

  /// Does [Mpm#reload()], and blocks as long.
  ///
  /// @return the verdict as it is logged
  /// @throws InterruptedException if the caller is interrupted; the reload goes on
  String reload() throws InterruptedException;

  /// Does [Mpm#scale(int)].
  ///
  /// @param children as there
  void scale(int children);

  /// Does [Mpm#resetBreaker()].
  void resetBreaker();
}
