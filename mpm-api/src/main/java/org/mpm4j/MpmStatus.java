package org.mpm4j;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a server looked like at one moment.
///
/// @param model the process model in force
/// @param generation of the configuration in force
/// @param phase what the server is doing as a whole
/// @param startedAt when the server started; reloads do not change it
/// @param children all processes, in the order of their slots
/// @param childLimit how many of the current generation may be
/// @param pinned the number that [Mpm#scale(int)] fixed, or 0
/// @param breaker whether children may be started
/// @param lastReload how the last reload or restart came out
public record MpmStatus(
    ProcessModel model,
    int generation,
    Phase phase,
    Instant startedAt,
    List<Child> children,
    int childLimit,
    int pinned,
    Breaker breaker,
    Optional<ReloadVerdict> lastReload) {
  /// Copies the list.
  public MpmStatus {
    children = List.copyOf(children);
  }

  /// What a server is doing.
  public enum Phase {
    /// Its first children are not ready yet.
    STARTING,
    /// It serves.
    RUNNING,
    /// It serves, and a new generation takes over.
    RELOADING,
    /// It accepts no more.
    STOPPING
  }

  /// What a child is doing.
  public enum State {
    /// It opens the application.
    STARTING,
    /// It accepts.
    READY,
    /// It accepts no more for now; it is drained soon unless load comes back.
    RETIRING,
    /// It serves out what it has and ends.
    DRAINING
  }

  /// One child.
  ///
  /// @param id which
  /// @param state what it is doing
  /// @param why the reason, while it retires or drains; otherwise empty
  /// @param age since its process started
  /// @param connections open ones
  /// @param busyWorkers workers that serve one
  /// @param workers `ThreadsPerChild` of its generation; 1 under prefork
  /// @param residentBytes of its process, or 0 if unknown
  public record Child(
      ChildId id,
      State state,
      String why,
      Duration age,
      int connections,
      int busyWorkers,
      int workers,
      long residentBytes) {}

  /// Whether children may be started: crash control.
  ///
  /// @param state the circuit breaker's
  /// @param deaths unexpected ones within `ChildRestartInterval`
  /// @param nextStart when a child may be started at the earliest; zero for now
  /// @param why what happened, or empty
  public record Breaker(BreakerState state, int deaths, Duration nextStart, String why) {}

  /// The states of a circuit breaker (Nygard, Release It!, 2007).
  public enum BreakerState {
    /// Children are started as needed.
    CLOSED,
    /// None is started.
    OPEN,
    /// One is tried.
    HALF_OPEN
  }

  /// The workers of the children that accept.
  ///
  /// @return busy and idle ones
  public int workers() {
    return children.stream().filter(c -> c.state() == State.READY).mapToInt(Child::workers).sum();
  }

  /// The workers that serve a connection, in all children.
  ///
  /// @return how many
  public int busyWorkers() {
    return children.stream().mapToInt(Child::busyWorkers).sum();
  }
}
