package org.mpm4j.impl.supervisor;

import java.util.ArrayList;
import java.util.List;
import org.mpm4j.Correction;
import org.mpm4j.Location;
import org.mpm4j.MpmConfig;

/// What this machine gives to a server: looked at once, before anything is started.
///
/// @param cores processors that the JVM may use
/// @param memory bytes, of the container where there is one
/// @param openFiles the soft limit on descriptors, which every child inherits
public record MachineLimits(int cores, long memory, long openFiles) {
  private static final long MB = 1 << 20;

  /// What a JVM needs beside its heap, roughly (measured: 26 to 36 MB proportional, all told).
  private static final long BESIDE_HEAP = 24 * MB;

  /// Descriptors of a child that are not connections: the JVM's files, listeners, pollers.
  private static final int OTHER_DESCRIPTORS = 128;

  private static final Location MACHINE = new Location("this machine", 0);

  /// What a configuration asks for and the machine cannot carry. Nothing of it stops a start: it is
  /// told with the numbers, since it goes well until the load comes.
  public List<Correction> check(MpmConfig config) {
    List<Correction> findings = new ArrayList<>();
    checkDescriptors(config, findings);
    checkMemory(config, findings);
    return findings;
  }

  private void checkDescriptors(MpmConfig config, List<Correction> findings) {
    int threads = config.threadsPerChild();
    double perChild =
        config.model().threaded() ? threads * (1 + config.asyncRequestWorkerFactor()) : 1;
    long needed = (long) Math.ceil(perChild) + config.maxKeepAliveConnections();
    long spare = openFiles - OTHER_DESCRIPTORS;
    if (needed > spare) {
      String directive =
          config.maxKeepAliveConnections() > 0 ? "MaxKeepAliveConnections" : "ThreadsPerChild";
      int given = config.maxKeepAliveConnections() > 0 ? config.maxKeepAliveConnections() : threads;
      findings.add(
          new Correction(
              MACHINE,
              directive,
              Integer.toString(given),
              Long.toString(Math.max(1, given - (needed - spare))),
              "needs up to "
                  + needed
                  + " connections in a child, but ulimit -n "
                  + openFiles
                  + " leaves "
                  + Math.max(0, spare)
                  + " beside the "
                  + OTHER_DESCRIPTORS
                  + " that a JVM uses itself"));
    }
  }

  private void checkMemory(MpmConfig config, List<Correction> findings) {
    int children = config.childLimit();
    long least = (JvmShares.LEAST_HEAP + BESIDE_HEAP) * children;
    if (least > memory) {
      String workers = Integer.toString(config.maxRequestWorkers());
      findings.add(
          new Correction(
              MACHINE,
              "MaxRequestWorkers",
              workers,
              workers,
              "allows "
                  + children
                  + " child JVMs of at least "
                  + (JvmShares.LEAST_HEAP + BESIDE_HEAP) / MB
                  + " MB, "
                  + least / MB
                  + " MB in all, but there are "
                  + memory / MB
                  + " MB"));
    }
  }
}
