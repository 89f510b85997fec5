package org.mpm4j.comparison;

import java.util.OptionalDouble;

/// What one server did in one scenario of one round.
///
/// @param server its word
/// @param round from 1
/// @param cpuMicrosPerRequest processor time of all its processes
/// @param pssBytes memory of all its processes after the load, or -1 if that may not be read
/// @param bytesPerIdle how much memory each idle connection added, in scenarios that have them
/// @param crowdLost how many of the clients beside the load lost their connection
record Measurement(
    String server,
    Scenario scenario,
    int round,
    LoadResult load,
    double cpuMicrosPerRequest,
    long pssBytes,
    OptionalDouble bytesPerIdle,
    long crowdLost) {
  double requestsPerSecond() {
    return load.requestsPerSecond();
  }

  long errors() {
    return load.errors() + crowdLost;
  }
}
