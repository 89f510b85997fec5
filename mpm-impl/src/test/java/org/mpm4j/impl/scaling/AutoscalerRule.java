package org.mpm4j.impl.scaling;

import java.util.ArrayList;
import java.util.List;

/// Carries out what [Autoscaler] decides, as the supervisor does: asks until there is nothing to
/// do.
final class AutoscalerRule implements ScalingRule {
  private static final int MOST_DECISIONS = 1000;

  private final List<Decision> taken = new ArrayList<>();
  private ScalingLimits limits;
  private History history;

  AutoscalerRule(ScalingLimits limits, long now) {
    this.limits = limits;
    this.history = History.start(now);
  }

  void limits(ScalingLimits changed) {
    limits = changed;
  }

  /// All decisions so far but [Decision.Hold].
  List<Decision> taken() {
    return taken;
  }

  @Override
  public void act(SimulatedPool pool, long now) {
    for (int asked = 0; asked < MOST_DECISIONS; asked++) {
      Step step = Autoscaler.step(pool.fleet(), limits, history, now);
      history = step.history();
      if (step.decision() instanceof Decision.Hold) {
        return;
      }
      taken.add(step.decision());
      switch (step.decision()) {
        case Decision.Hold _, Decision.LimitReached _ -> {
          return;
        }
        case Decision.Spawn spawn -> pool.spawn(spawn.children());
        case Decision.Retire retire -> pool.to(SimulatedPool.State.RETIRING, retire.slot());
        case Decision.Keep keep -> pool.to(SimulatedPool.State.SERVING, keep.slot());
        case Decision.Drain drain -> pool.to(SimulatedPool.State.DRAINING, drain.slot());
      }
    }
    throw new IllegalStateException("no end of decisions");
  }
}
