package org.mpm4j;

import java.time.Duration;

/// Something that happened to a server. `toString()` is the line that is logged; its wording is
/// stable.
public sealed interface LifecycleEvent {
  /// A child's process exists; it opens the application.
  ///
  /// @param child the child
  /// @param why what it is for
  record ChildStarted(ChildId child, String why) implements LifecycleEvent {
    @Override
    public String toString() {
      return child + " started: " + why;
    }
  }

  /// A child accepts connections.
  ///
  /// @param child the child
  /// @param after its start
  record ChildReady(ChildId child, Duration after) implements LifecycleEvent {
    @Override
    public String toString() {
      return child + " ready after " + after.toMillis() + " ms";
    }
  }

  /// A child accepts no more and serves out what it has.
  ///
  /// @param child the child
  /// @param why the reason
  record ChildDraining(ChildId child, String why) implements LifecycleEvent {
    @Override
    public String toString() {
      return child + " draining: " + why;
    }
  }

  /// A child's process is gone, and everything that it had started.
  ///
  /// @param child the child
  /// @param cause why
  /// @param status how, such as `exit code 1` or `signal 9 (SIGKILL)`
  /// @param lastOutput what it said before, if it died before it was ready; otherwise empty
  record ChildExited(ChildId child, ExitCause cause, String status, String lastOutput)
      implements LifecycleEvent {
    @Override
    public String toString() {
      String line = child + " " + cause.words() + ": " + status;
      return lastOutput.isBlank() ? line : line + "\n" + lastOutput.stripTrailing();
    }
  }

  /// The last child of a generation that was replaced has ended.
  ///
  /// @param generation which
  record GenerationEnded(int generation) implements LifecycleEvent {
    @Override
    public String toString() {
      return "generation " + generation + " ended";
    }
  }

  /// More children are wanted than allowed.
  ///
  /// @param why with the numbers
  record LimitReached(String why) implements LifecycleEvent {
    @Override
    public String toString() {
      return "limit reached: " + why;
    }
  }

  /// A reload begins to start children.
  ///
  /// @param generation the new one
  record ReloadStarted(int generation) implements LifecycleEvent {
    @Override
    public String toString() {
      return "reload to generation " + generation + " started";
    }
  }

  /// A reload is over, well or not.
  ///
  /// @param verdict how
  record ReloadEnded(ReloadVerdict verdict) implements LifecycleEvent {
    @Override
    public String toString() {
      return "reload " + verdict;
    }
  }

  /// Children died too often: none is started for a while.
  ///
  /// @param why with the numbers
  /// @param coolDown until one child is tried
  record BreakerOpened(String why, Duration coolDown) implements LifecycleEvent {
    @Override
    public String toString() {
      return "breaker open for " + coolDown.toMillis() + " ms: " + why;
    }
  }

  /// Children are started again as needed.
  ///
  /// @param why the reason
  record BreakerClosed(String why) implements LifecycleEvent {
    @Override
    public String toString() {
      return "breaker closed: " + why;
    }
  }

  /// A child is about to be ended by force, or reports a request that it cannot end.
  ///
  /// @param child the child
  /// @param text what each of its threads is doing
  record ThreadsDumped(ChildId child, String text) implements LifecycleEvent {
    @Override
    public String toString() {
      return child + " thread dump:\n" + text.stripTrailing();
    }
  }
}
