package org.mpm4j.impl.scaling;

import java.util.List;
import java.util.Random;
import org.mpm4j.ProcessPolicy;

/// What httpd 2.4 does once a second (`perform_idle_server_maintenance`, server/mpm/event/event.c
/// and server/mpm/prefork/prefork.c), with one bucket of listeners and ServerLimit at the number of
/// processes that MaxRequestWorkers allows.
final class HttpdRule implements ScalingRule {
  /// The defaults of the event model (`mpm_default.h`).
  static final ScalingLimits EVENT =
      new ScalingLimits(ProcessPolicy.DYNAMIC, 3, 16, 25, 75, 250, 0, 0);

  /// The defaults of the prefork model.
  static final ScalingLimits PREFORK =
      new ScalingLimits(ProcessPolicy.DYNAMIC, 5, 256, 1, 5, 10, 0, 0);

  private final ScalingLimits limits;
  private final Random random;
  private boolean started;
  private long nextNanos;
  private int rate = 1;

  HttpdRule(ScalingLimits limits, long now, Random random) {
    this.limits = limits;
    this.nextNanos = now + SpawnRate.TURN_NANOS;
    this.random = random;
  }

  @Override
  public void act(SimulatedPool pool, long now) {
    if (!started) {
      started = true;
      pool.spawn(Math.min(limits.startServers(), limits.childLimit()));
    } else if (now - nextNanos >= 0) {
      nextNanos += SpawnRate.TURN_NANOS;
      maintain(pool);
    }
  }

  private void maintain(SimulatedPool pool) {
    boolean threaded = limits.workersPerChild() > 1;
    Fleet fleet = pool.fleet();
    int ending = pool.count(SimulatedPool.State.DRAINING);
    int idle =
        fleet.idleWorkers(limits.workersPerChild()) + fleet.starting() * limits.workersPerChild();
    if (idle > limits.maxSpare()) {
      // event waits for the last one to be gone where no slot is to spare for a graceful restart
      if (!threaded || ending == 0) {
        stopAny(pool, fleet);
      }
      rate = 1;
    } else if (idle < limits.minSpare()) {
      int room = limits.childLimit() - fleet.total() - ending;
      if (room > 0) {
        pool.spawn(Math.min(rate, room));
        rate = Math.min(SpawnRate.MOST, 2 * rate);
      } else {
        rate = 1;
      }
    } else {
      rate = 1;
    }
  }

  /// The one that reads the pipe first: under prefork one that is idle.
  private void stopAny(SimulatedPool pool, Fleet fleet) {
    List<ServingChild> readers =
        fleet.serving().stream()
            .filter(child -> limits.workersPerChild() > 1 || child.empty())
            .toList();
    if (!readers.isEmpty()) {
      ServingChild first = readers.get(random.nextInt(readers.size()));
      pool.to(SimulatedPool.State.DRAINING, first.slot());
    }
  }
}
