package org.mpm4j.status;

import java.util.ArrayList;
import java.util.List;
import org.mpm4j.MpmStatus;
import org.mpm4j.WorkerStatus;

/// The letters of all workers, and how many there are of each kind: `busy + idle + graceful +
/// starting + open = slots`.
///
/// @param letters one for each worker that there is or may be: for each child slot as many as a
///   child has workers. So its length changes with the configuration only, except while a reload
///   needs slots beyond the limit
record Scoreboard(String letters) {
  static Scoreboard of(MpmStatus status) {
    int width = status.children().stream().mapToInt(MpmStatus.Child::workers).max().orElse(1);
    StringBuilder letters = new StringBuilder(width * status.childLimit());
    List<MpmStatus.Child> children = new ArrayList<>(status.children());
    for (int slot = 0; slot < status.childLimit() || !children.isEmpty(); slot++) {
      int start = letters.length();
      while (!children.isEmpty() && children.getFirst().id().slot() <= slot) {
        letters.append(children.removeFirst().letters());
      }
      while (letters.length() < start + width) {
        letters.append(WorkerStatus.DEAD.letter());
      }
    }
    return new Scoreboard(letters.toString());
  }

  int slots() {
    return letters.length();
  }

  /// Workers that read, write, keep alive or close, in children that accept.
  int busy() {
    return count(WorkerStatus.BUSY_READ)
        + count(WorkerStatus.BUSY_WRITE)
        + count(WorkerStatus.BUSY_KEEPALIVE)
        + count(WorkerStatus.CLOSING);
  }

  int idle() {
    return count(WorkerStatus.READY);
  }

  int graceful() {
    return count(WorkerStatus.GRACEFUL);
  }

  int starting() {
    return count(WorkerStatus.STARTING);
  }

  int open() {
    return count(WorkerStatus.DEAD);
  }

  int count(WorkerStatus status) {
    return (int) letters.chars().filter(letter -> letter == status.letter()).count();
  }

  /// Processes that accept no more.
  static int stopping(MpmStatus status) {
    return (int)
        status.children().stream()
            .filter(child ->
                child.state() == MpmStatus.State.RETIRING
                    || child.state() == MpmStatus.State.DRAINING)
            .count();
  }

  /// The connections of all children by what they wait for.
  static MpmStatus.Connections connections(MpmStatus status) {
    int active = 0;
    int reading = 0;
    int writing = 0;
    int keepAlive = 0;
    int closing = 0;
    int suspended = 0;
    for (MpmStatus.Child child : status.children()) {
      active += child.states().active();
      reading += child.states().reading();
      writing += child.states().writing();
      keepAlive += child.states().keepAlive();
      closing += child.states().closing();
      suspended += child.states().suspended();
    }
    return new MpmStatus.Connections(active, reading, writing, keepAlive, closing, suspended);
  }

  static int connectionsTotal(MpmStatus status) {
    return status.children().stream().mapToInt(MpmStatus.Child::connections).sum();
  }
}
