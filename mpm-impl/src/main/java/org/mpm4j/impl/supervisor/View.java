package org.mpm4j.impl.supervisor;

import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mpm4j.ChildId;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;

/// What the supervisor knew at its last look. The scoreboard knows the rest.
///
/// @param config in force
/// @param generation of the configuration
/// @param addresses listened to
/// @param phase of the server
/// @param startedAt when the server started
/// @param children all processes, in the order of their slots
/// @param pinned the number of children that was asked for, or 0
/// @param breaker whether children may be started
/// @param lastReload how the last one came out
public record View(
    MpmConfig config,
    int generation,
    List<SocketAddress> addresses,
    MpmStatus.Phase phase,
    Instant startedAt,
    List<ChildView> children,
    int pinned,
    MpmStatus.Breaker breaker,
    Optional<ReloadVerdict> lastReload) {
  /// Copies the lists.
  public View {
    addresses = List.copyOf(addresses);
    children = List.copyOf(children);
  }

  /// One child.
  ///
  /// @param id which
  /// @param state what it is doing
  /// @param why it retires or drains
  /// @param age since its start
  /// @param workers that it has at most
  public record ChildView(
      ChildId id, MpmStatus.State state, String why, Duration age, int workers) {
    static ChildView of(ChildProcess child, long now) {
      return new ChildView(
          child.id(),
          child.state(),
          child.why(),
          Duration.ofNanos(now - child.startedAt()),
          child.generation().config().threadsPerChild());
    }
  }
}
