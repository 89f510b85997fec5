package org.mpm4j.impl.child;

import java.net.SocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.mpm4j.ChildContext;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// What a child's application is told about the child.
class Context implements ChildContext {
  private final MpmConfig config;
  private final Child.Identity identity;
  private final BooleanSupplier draining;
  private final Scoreboard scoreboard;

  /// @param draining whether the child drains
  Context(
      MpmConfig config, Child.Identity identity, BooleanSupplier draining, Scoreboard scoreboard) {
    this.config = config;
    this.identity = identity;
    this.draining = draining;
    this.scoreboard = scoreboard;
  }

  @Override
  public MpmConfig config() {
    return config;
  }

  @Override
  public int slot() {
    return identity.slot();
  }

  @Override
  public int generation() {
    return identity.generation();
  }

  @Override
  public List<SocketAddress> addresses() {
    return identity.addresses();
  }

  @Override
  public boolean inProcess() {
    return identity.inProcess();
  }

  @Override
  public boolean draining() {
    return draining.getAsBoolean();
  }

  @Override
  public MpmStatus status() {
    return scoreboard.status();
  }
}
