package org.mpm4j.comparison;

import java.util.List;

/// What `compare --capacity` is to do.
///
/// @param parts what is measured
/// @param idle the numbers of idle connections beside which a request is measured; 0 comes first
/// @param rounds how often these take their turn
/// @param seconds how long each load is
/// @param warmUp how many seconds of load a server gets first
/// @param memoryIdle the idle connections whose memory is measured
/// @param connections how many are spread over several children
/// @param children how many these are
record CapacitySettings(
    List<Capacity.Part> parts,
    List<Integer> idle,
    int rounds,
    int seconds,
    int warmUp,
    int memoryIdle,
    int connections,
    int children) {
  CapacitySettings {
    parts = List.copyOf(parts);
    idle = List.copyOf(idle);
  }
}
