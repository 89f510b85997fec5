package org.mpm4j.impl.scaling;

/// Something that decides how many children a [SimulatedPool] has.
interface ScalingRule {
  /// Looks at the pool and changes it.
  void act(SimulatedPool pool, long nowNanos);
}
