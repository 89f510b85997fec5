package org.mpm4j.impl.scaling;

/// What [Autoscaler] decided.
///
/// @param decision what to do
/// @param history what to give to the next step, if the decision was carried out
public record Step(Decision decision, History history) {}
