package org.mpm4j;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a server looked like at one moment. Whoever asks, the supervisor or a child, gets it from
/// the scoreboard and gets the same.
///
/// Each number is defined by an equation that always holds:
/// - [#busyWorkers()] = the sum of [Child#busyWorkers()];
/// - [Child#busyWorkers()] = how many of [Child#threads()] are [WorkerStatus#busy()]; the others
///   are `STARTING` or `READY` (idle) or `DEAD` (absent), so busy + idle + absent = the size of
///   `threads`;
/// - [Child#connections()] = [Connections#sum()] of [Child#states()];
/// - [Child#counters()] = the sum of [Worker#counters()] of its `threads`;
/// - [#totals()] = the sum of [Child#counters()] + what the children counted that have ended; so no
///   counter of `totals` is ever less than in an earlier status, across deaths of children,
///   recycling and reloads.
///
/// A child counts an exchange before it sends the end of its answer: a child that is killed between
/// the two has counted an answer that did not arrive, and never the other way round.
///
/// @param model the process model in force
/// @param generation of the configuration in force
/// @param phase what the server is doing as a whole
/// @param startedAt when the server started; reloads do not change it
/// @param children all processes, in the order of their slots
/// @param ended the last process of each slot that has none now, in the order of the slots
/// @param childLimit how many of the current generation may be
/// @param pinned the number that [Mpm#scale(int)] fixed, or 0
/// @param breaker whether children may be started
/// @param lastReload how the last reload or restart came out; long texts are cut short
/// @param at when it looked so
/// @param totals of all children that there have been
/// @param recent the last lifecycle events, newest first
public record MpmStatus(
    ProcessModel model,
    int generation,
    Phase phase,
    Instant startedAt,
    List<Child> children,
    List<Ended> ended,
    int childLimit,
    int pinned,
    Breaker breaker,
    Optional<ReloadVerdict> lastReload,
    Instant at,
    Counters totals,
    List<Happening> recent) {
  /// Copies the lists.
  public MpmStatus {
    children = List.copyOf(children);
    ended = List.copyOf(ended);
    recent = List.copyOf(recent);
  }

  /// What has been counted since the server, or a child, started.
  ///
  /// @param accesses exchanges that were completed
  /// @param bytes sent
  /// @param busy time that workers spent in exchanges
  /// @param accepted connections
  /// @param reused exchanges that were not the first of their connection
  /// @param keepAliveTimeouts connections closed because no further request came in time
  /// @param readTimeouts requests that were not read in time
  /// @param writeTimeouts answers that were not taken in time
  /// @param rejected connections closed unserved, or idle ones closed to make room
  public record Counters(
      long accesses,
      long bytes,
      Duration busy,
      long accepted,
      long reused,
      long keepAliveTimeouts,
      long readTimeouts,
      long writeTimeouts,
      long rejected) {
    /// Nothing counted.
    public static final Counters NONE = new Counters(0, 0, Duration.ZERO, 0, 0, 0, 0, 0, 0);

    /// Both together.
    ///
    /// @param other counters
    /// @return the sums
    public Counters plus(Counters other) {
      return new Counters(
          accesses + other.accesses,
          bytes + other.bytes,
          busy.plus(other.busy),
          accepted + other.accepted,
          reused + other.reused,
          keepAliveTimeouts + other.keepAliveTimeouts,
          readTimeouts + other.readTimeouts,
          writeTimeouts + other.writeTimeouts,
          rejected + other.rejected);
    }
  }

  /// The connections of a child by what they wait for. Their sum is [Child#connections()].
  ///
  /// @param active those that a worker has, or that wait for one
  /// @param reading parked in the middle of a request
  /// @param writing parked with unsent output
  /// @param keepAlive parked between two requests
  /// @param closing lingering
  /// @param suspended handed to the application
  public record Connections(
      int active, int reading, int writing, int keepAlive, int closing, int suspended) {
    /// No connection.
    public static final Connections NONE = new Connections(0, 0, 0, 0, 0, 0);

    /// All of them.
    ///
    /// @return how many
    public int sum() {
      return active + reading + writing + keepAlive + closing + suspended;
    }
  }

  /// One worker thread.
  ///
  /// @param status what it does
  /// @param counters its own; an accepted connection, and one that timed out or was rejected,
  ///   counts for the thread that was listening
  /// @param client of its current or last exchange, or empty
  /// @param request of its current or last exchange in a line, without control characters and URL
  ///   passwords, perhaps cut short; empty if the application does not tell
  /// @param since the current exchange began, or the last one ended
  public record Worker(
      WorkerStatus status, Counters counters, String client, String request, Duration since) {}

  /// A lifecycle event that lies back.
  ///
  /// @param at when
  /// @param text as it was logged, its first line
  public record Happening(Instant at, String text) {}

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
  /// @param states the connections by what they wait for
  /// @param counters of this child
  /// @param threads one for each worker that there has been
  public record Child(
      ChildId id,
      State state,
      String why,
      Duration age,
      int connections,
      int busyWorkers,
      int workers,
      long residentBytes,
      Connections states,
      Counters counters,
      List<Worker> threads) {
    /// Copies the list.
    public Child {
      threads = List.copyOf(threads);
    }

    /// What the workers do, in httpd's letters (see [WorkerStatus]), such that the letters add up.
    ///
    /// Only a child that is ready has idle workers (`_`), those whose thread is yet to be started
    /// among them. One that retires or drains has workers that finish what they have (`G`) and
    /// others that are gone (`.`).
    ///
    /// @return exactly one letter for each of [#workers()]
    public String letters() {
      StringBuilder letters = new StringBuilder(workers);
      int listening = threads.size() - workers; // the thread too many listens: it is no worker
      for (Worker thread : threads) {
        boolean busy = thread.status().busy();
        if (!busy && listening > 0) {
          listening--;
        } else if (letters.length() < workers) {
          letters.append(busy ? busyLetter(thread.status()) : restLetter());
        }
      }
      while (letters.length() < workers) {
        letters.append(restLetter());
      }
      return letters.toString();
    }

    private char busyLetter(WorkerStatus status) {
      boolean ending = state == State.RETIRING || state == State.DRAINING;
      return (ending ? WorkerStatus.GRACEFUL : status).letter();
    }

    private char restLetter() {
      return switch (state) {
        case STARTING -> WorkerStatus.STARTING.letter();
        case READY -> WorkerStatus.READY.letter();
        case RETIRING, DRAINING -> WorkerStatus.DEAD.letter();
      };
    }
  }

  /// A child that is no more.
  ///
  /// @param id which it was
  /// @param how it ended, such as `exit status 0` or `signal 9`
  public record Ended(ChildId id, String how) {}

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
