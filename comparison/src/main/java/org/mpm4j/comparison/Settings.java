package org.mpm4j.comparison;

import java.util.List;

/// What is to be run.
///
/// @param rounds how often the servers take their turn
/// @param seconds how long each load is
/// @param warmUp how many seconds of load a server gets before the first measurement, if it becomes
///   faster while it runs; before each load of another kind it gets one more, if this is above one
record Settings(
    List<Contender> contenders, List<Scenario> scenarios, int rounds, int seconds, int warmUp) {
  Settings {
    contenders = List.copyOf(contenders);
    scenarios = List.copyOf(scenarios);
  }
}
