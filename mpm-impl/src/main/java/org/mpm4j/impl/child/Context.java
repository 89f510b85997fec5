package org.mpm4j.impl.child;

import java.net.SocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.mpm4j.ChildContext;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// What a child's application is told about the child.
///
/// @param drains whether the child drains
record Context(
    MpmConfig config, Child.Identity identity, BooleanSupplier drains, Scoreboard scoreboard)
    implements ChildContext {
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
    return drains.getAsBoolean();
  }

  @Override
  public MpmStatus status() {
    return scoreboard.status();
  }
}
