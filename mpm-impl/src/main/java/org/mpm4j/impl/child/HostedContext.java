package org.mpm4j.impl.child;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.mpm4j.InheritedListener;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;
import org.mpm4j.WorkerPool;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// What a hosted server is given.
final class HostedContext extends Context implements ServerContext {
  private final List<InheritedListener> listeners;
  private final ServerLoad load;
  private final HostedWorkers workers;

  HostedContext(
      MpmConfig config,
      Child.Identity identity,
      BooleanSupplier draining,
      Scoreboard scoreboard,
      List<? extends InheritedListener> listeners,
      ServerLoad load,
      HostedWorkers workers) {
    super(config, identity, draining, scoreboard);
    this.listeners = List.copyOf(listeners);
    this.load = load;
    this.workers = workers;
  }

  @Override
  public List<InheritedListener> listeners() {
    return listeners;
  }

  @Override
  public ServerLoad load() {
    return load;
  }

  @Override
  public WorkerPool workers() {
    return workers.pool();
  }
}
