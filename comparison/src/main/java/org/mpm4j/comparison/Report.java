package org.mpm4j.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// All that the files of a run tell.
///
/// @param title of the run, such as its date
/// @param facts what is worth knowing of the machine and the run, by name
record Report(String title, Map<String, String> facts, Settings settings, Results results) {
  /// What a ratio is to.
  static final String REFERENCE = "nginx";

  static final String FLOOR = "floor";

  Report {
    facts = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(facts));
  }

  /// Why a server has no number for a scenario; the reasons differ from round to round only if it
  /// failed.
  List<String> reasons(Contender contender, Scenario scenario) {
    List<String> reasons = new ArrayList<>();
    String missing = results.missing().get(contender.word());
    String cannot = contender.cannot().get(scenario);
    if (missing != null) {
      reasons.add(missing);
    } else if (cannot != null) {
      reasons.add(cannot);
    }
    for (Results.Failure failure : results.failures()) {
      if (failure.server().equals(contender.word()) && failure.scenario() == scenario) {
        reasons.add("round " + failure.round() + " failed: " + failure.reason());
      }
    }
    return reasons;
  }
}
