package org.mpm4j.impl.supervisor;

import java.net.SocketAddress;
import java.util.List;
import org.mpm4j.ChildId;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;

/// What the supervisor knew at its last look and acts on. What others may want to know is in the
/// scoreboard.
///
/// @param config in force
/// @param generation of the configuration
/// @param addresses listened to
/// @param phase of the server
/// @param children all processes, in the order of their slots
/// @param breaker whether children may be started
public record View(
    MpmConfig config,
    int generation,
    List<SocketAddress> addresses,
    MpmStatus.Phase phase,
    List<Member> children,
    MpmStatus.Breaker breaker) {
  /// Copies the lists.
  public View {
    addresses = List.copyOf(addresses);
    children = List.copyOf(children);
  }

  /// One child.
  ///
  /// @param id which
  /// @param state what it is doing
  public record Member(ChildId id, MpmStatus.State state) {}
}
