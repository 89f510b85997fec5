package org.mpm4j.impl.supervisor;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildId;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.ReloadVerdict;

/// Writes what happens to recordings of JFR. The supervisor's thread only.
///
/// JFR starts with the first class of an event that is loaded: none is before somebody records.
final class FlightEvents {
  private static final int NONE = -1;

  /// One [LifecycleEvent].
  @Name("org.mpm4j.Lifecycle")
  @Label("Lifecycle")
  @Category("mpm4j")
  @Description("Something that happened to the server or to one of its children")
  @StackTrace(false)
  static final class Lifecycle extends Event {
    @Label("Kind")
    String kind = "";

    @Label("Slot")
    @Description("Of the child, or -1")
    int slot = NONE;

    @Label("Process Id")
    @Description("Of the child, or -1")
    int pid = NONE;

    @Label("Generation")
    @Description("Of the child or the reload, or -1")
    int generation = NONE;

    @Label("Text")
    @Description("First line of what was logged")
    String text = "";
  }

  /// From a [LifecycleEvent.ReloadStarted] to its verdict.
  @Name("org.mpm4j.Reload")
  @Label("Reload")
  @Category("mpm4j")
  @Description("A reload or restart, from its first step to its verdict; refused ones take no time")
  @StackTrace(false)
  static final class Reload extends Event {
    @Label("Generation")
    @Description("The one in force afterwards")
    int generation;

    @Label("Succeeded")
    boolean succeeded;

    @Label("Reason")
    @Description("Why it did not succeed, or empty")
    String reason = "";
  }

  private @Nullable Reload begun;

  /// @param line the first one of what was logged
  void tell(LifecycleEvent event, String line) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    record(event, line);
    switch (event) {
      case LifecycleEvent.ReloadStarted _ -> {
        begun = new Reload();
        begun.begin();
      }
      case LifecycleEvent.ReloadEnded(var verdict) -> record(verdict);
      default -> {}
    }
  }

  private static void record(LifecycleEvent event, String line) {
    Lifecycle lifecycle = new Lifecycle();
    if (!lifecycle.isEnabled()) {
      return;
    }
    lifecycle.kind = event.getClass().getSimpleName();
    lifecycle.text = line;
    ChildId child = child(event);
    if (child != null) {
      lifecycle.slot = child.slot();
      lifecycle.pid = child.pid();
    }
    lifecycle.generation =
        switch (event) {
          case LifecycleEvent.GenerationEnded(int generation) -> generation;
          case LifecycleEvent.ReloadStarted(int generation) -> generation;
          case LifecycleEvent.ReloadEnded(var verdict) -> verdict.generation();
          default -> child == null ? NONE : child.generation();
        };
    lifecycle.commit();
  }

  private static @Nullable ChildId child(LifecycleEvent event) {
    return switch (event) {
      case LifecycleEvent.ChildStarted started -> started.child();
      case LifecycleEvent.ChildReady ready -> ready.child();
      case LifecycleEvent.ChildDraining draining -> draining.child();
      case LifecycleEvent.ChildExited exited -> exited.child();
      case LifecycleEvent.ThreadsDumped dumped -> dumped.child();
      default -> null;
    };
  }

  private void record(ReloadVerdict verdict) {
    boolean started = !(verdict instanceof ReloadVerdict.Refused); // another one may be under way
    Reload reload = started && begun != null ? begun : new Reload();
    if (started) {
      begun = null;
    }
    reload.generation = verdict.generation();
    reload.succeeded = verdict.succeeded();
    reload.reason =
        switch (verdict) {
          case ReloadVerdict.Succeeded _ -> "";
          case ReloadVerdict.Refused refused -> refused.reason();
          case ReloadVerdict.RolledBack rolledBack -> rolledBack.reason();
        };
    reload.commit();
  }
}
