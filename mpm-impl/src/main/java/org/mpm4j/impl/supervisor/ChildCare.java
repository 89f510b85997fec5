package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.os.ExitStatus;
import org.mpm4j.impl.os.ProcessInfo;
import org.mpm4j.impl.os.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts children, hears them, watches over them, ends and reaps them; whether it may start one is
/// crash control's to say. How many there are to be is decided elsewhere. The supervisor's thread
/// only.
final class ChildCare {
  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  /// Hears that a child could not become ready.
  interface Failures {
    /// It has ended, or there was none.
    ///
    /// @param lastOutput what it said before
    void beforeReady(Generation generation, String reason, String lastOutput);
  }

  private final Children children;
  private final SupervisorClock clock;
  private final Events events;
  private final Failures failures;
  private final Map<ChildProcess, List<CompletableFuture<String>>> dumps = new HashMap<>();
  private CrashControl crashes;

  ChildCare(
      Children children,
      SupervisorClock clock,
      Events events,
      CrashControl.Limits limits,
      Failures failures) {
    this.children = children;
    this.clock = clock;
    this.events = events;
    this.failures = failures;
    this.crashes = CrashControl.closed(limits, clock.now());
  }

  // ---- start and end ----

  /// Starts a child.
  ///
  /// @param predecessor the child to drain once it is ready, or null
  /// @return whether there is a process; otherwise crash control knows
  boolean start(Generation generation, String why, @Nullable ChildProcess predecessor) {
    try {
      ChildProcess child = children.start(generation, clock.now());
      child.predecessor = predecessor;
      events.tell(new LifecycleEvent.ChildStarted(child.id(), why));
      return true;
    } catch (IOException e) {
      String reason = "a child could not be started: " + e.getMessage();
      log.error("{}", reason);
      noteDeath(-1, children.all().size(), reason);
      failures.beforeReady(generation, reason, "");
      return false;
    }
  }

  /// Asks a child to serve out what it has and to end.
  ///
  /// @param backlogToo whether nobody else will take what waits in the backlog
  void drain(ChildProcess child, String why, boolean backlogToo) {
    child.drain(drainDeadline(child), why, backlogToo);
    events.tell(new LifecycleEvent.ChildDraining(child.id(), why));
  }

  private Ending drainDeadline(ChildProcess child) {
    return Ending.drain(child.generation().config().gracefulShutdownTimeout(), clock.now());
  }

  /// Ends a child at once.
  void terminate(ChildProcess child, String why) {
    child.terminate(why, clock.now());
  }

  /// Goes on with the endings that are due.
  void advanceEndings() {
    for (ChildProcess child : children.all()) {
      Ending.Stage begun = child.advanceEnding(clock.now());
      if (begun == Ending.Stage.DUMPING) {
        log.warn(
            "{} has not ended within GracefulShutdownTimeout, {}: it is ended by force",
            child,
            child.generation().config().gracefulShutdownTimeout());
      } else if (begun == Ending.Stage.KILLING) {
        log.warn("{} has not ended after SIGTERM: it is killed", child);
      }
    }
  }

  /// Kills everything, without a word. Nothing else may be called afterwards.
  void abandon() {
    children.all().forEach(child -> child.kill(Signals.KILL));
    children.all().forEach(children::remove);
    forgetDumps();
  }

  // ---- what the poller reports ----

  /// Handles what the poller reports of a child.
  void handle(long data) {
    ChildProcess child = children.at(data);
    if (child == null) {
      return; // reaped by an earlier entry of the same batch
    }
    if (Children.isOutput(data)) {
      if (!child.output().relay()) {
        children.silent(child);
      }
      return;
    }
    receive(child);
    if (Children.isExit(data)) {
      reap(child);
    }
  }

  private void receive(ChildProcess child) {
    try {
      for (ControlMessage message : child.control().receive()) {
        note(child, message);
      }
    } catch (IOException e) {
      log.error("{} sent what cannot be understood", child, e);
      terminate(child, "it sent what cannot be understood");
    }
    if (child.control().ended()) {
      children.mute(child); // its exit follows
    }
  }

  private void note(ChildProcess child, ControlMessage message) {
    switch (message) {
      case ControlMessage.Ready _ -> {
        if (child.is(State.STARTING)) {
          ready(child);
        }
      }
      case ControlMessage.Failed failed -> child.failure(failed);
      case ControlMessage.RecycleDue due -> child.recycleDue = due.reason();
      case ControlMessage.Draining draining -> {
        if (child.endingStage() == null) {
          child.drains(drainDeadline(child), draining.reason());
          events.tell(new LifecycleEvent.ChildDraining(child.id(), draining.reason()));
        }
      }
      case ControlMessage.ThreadDump dump -> noteDump(child, dump.text());
      case ControlMessage.Serve _,
          ControlMessage.Accept _,
          ControlMessage.Drain _,
          ControlMessage.DumpThreads _ ->
          log.error("{} sent a message that only a supervisor sends", child);
    }
  }

  private void ready(ChildProcess child) {
    child.ready(clock.now());
    ProcessInfo.read(child.id().pid())
        .ifPresent(seen -> child.score().residentBytes(seen.residentBytes()));
    crashes = crashes.ready(clock.now());
    Duration after = Duration.ofNanos(clock.now() - child.startedAt());
    events.tell(new LifecycleEvent.ChildReady(child.id(), after));
    ChildProcess predecessor = child.predecessor;
    child.predecessor = null;
    if (predecessor != null && predecessor.serves()) {
      drain(predecessor, String.valueOf(predecessor.recycleDue), false);
    }
  }

  private void noteDump(ChildProcess child, String text) {
    boolean last = child.endingStage() == Ending.Stage.DUMPING;
    List<CompletableFuture<String>> asked = dumps.remove(child);
    if (asked == null || last) {
      events.tell(new LifecycleEvent.ThreadsDumped(child.id(), text));
    }
    if (asked != null) {
      asked.forEach(dump -> dump.complete(text));
    }
    if (last) {
      terminate(child, child.why());
    }
  }

  /// Asks a child what its threads are doing.
  void dumpThreads(int slot, CompletableFuture<String> text) {
    ChildProcess child = children.inSlot(slot);
    if (child == null) {
      text.completeExceptionally(new IOException("there is no child in slot " + slot));
      return;
    }
    dumps.computeIfAbsent(child, _ -> new ArrayList<>()).add(text);
    child.send(new ControlMessage.DumpThreads());
  }

  /// Fails what was asked for and is not answered.
  void forgetDumps() {
    dumps.values().forEach(asked -> fail(asked, "the server has stopped"));
    dumps.clear();
  }

  private static void fail(List<CompletableFuture<String>> asked, String reason) {
    asked.forEach(text -> text.completeExceptionally(new IOException(reason)));
  }

  // ---- death ----

  private void reap(ChildProcess child) {
    State before = child.state();
    int fleet = children.all().size();
    ExitStatus status = children.remove(child);
    ExitCause cause =
        switch (before) {
          case STARTING -> ExitCause.DIED_BEFORE_READY;
          case READY, RETIRING -> ExitCause.DIED;
          case DRAINING -> {
            boolean clean = status.equals(new ExitStatus.Exited(0));
            yield clean ? ExitCause.DRAINED : child.forced() ? ExitCause.KILLED : ExitCause.DIED;
          }
        };
    ControlMessage.Failed failed = child.failure();
    String trace = failed == null ? "" : failed.trace();
    String output = before == State.STARTING ? child.output().last() + trace : trace;
    events.tell(new LifecycleEvent.ChildExited(child.id(), cause, status.toString(), output));
    fail(Optional.ofNullable(dumps.remove(child)).orElse(List.of()), child + " ended meanwhile");
    if (before != State.DRAINING) {
      String reason =
          child
              + (failed == null
                  ? " "
                      + (before == State.STARTING ? "ended before it was ready: " : "died: ")
                      + status
                  : " cannot serve: " + failed.reason());
      noteDeath(before == State.STARTING ? -1 : clock.now() - child.readyAt(), fleet, reason);
      if (before == State.STARTING) {
        failures.beforeReady(child.generation(), reason, output);
      }
    }
  }

  // ---- watch ----

  /// Ends children that take too long to become ready.
  void killLateStarters() {
    for (ChildProcess child : children.matching(c -> c.is(State.STARTING) && c.failure() == null)) {
      Duration allowed = child.generation().config().childStartTimeout();
      if (clock.now() - child.startedAt() > allowed.toNanos()) {
        boolean hosts = child.generation().command().hosts();
        String what = hosts ? "HostedServer.start did not return" : "it was not ready";
        String reason = what + " within ChildStartTimeout, " + allowed;
        child.failure(new ControlMessage.Failed(reason, ""));
        child.kill(Signals.QUIT); // HotSpot says what its threads are doing
        child.kill(Signals.TERM);
      }
    }
  }

  /// Looks at the children that serve; to be called once a second.
  void observe() {
    children.matching(ChildProcess::serves).forEach(this::observe);
  }

  private void observe(ChildProcess child) {
    MpmConfig config = child.generation().config();
    ProcessInfo.read(child.id().pid())
        .ifPresent(seen -> {
          child.score().residentBytes(seen.residentBytes());
          child.vitals =
              child.vitals.observe(
                  child.score().heartbeat(),
                  seen.cpuNanos(),
                  seen.residentBytes(),
                  config.maxChildMemory());
        });
    if (child.vitals.hangs(config)) {
      String why = "it hangs: no heartbeat within HeartbeatTimeout, " + config.heartbeatTimeout();
      log.error("{}: {}", child, why);
      child.kill(Signals.QUIT); // HotSpot says what its threads are doing, if it can
      noteDeath(clock.now() - child.readyAt(), children.all().size(), child + ": " + why);
      terminate(child, why);
    } else if (child.recycleDue == null) {
      child.recycleDue = child.vitals.tooLarge(config).orElse(null);
    }
  }

  // ---- crash control ----

  CrashControl crashes() {
    return crashes;
  }

  void limit(CrashControl.Limits limits) {
    crashes = crashes.with(limits);
  }

  private void noteDeath(long served, int fleet, String reason) {
    BreakerState before = crashes.state();
    double jitter = ThreadLocalRandom.current().nextDouble();
    crashes = crashes.died(served, fleet, jitter, reason, clock.now());
    Duration pause = Duration.ofNanos(crashes.nextStart() - clock.now());
    if (crashes.state() == BreakerState.OPEN && before != BreakerState.OPEN) {
      events.tell(new LifecycleEvent.BreakerOpened(reason, pause));
    } else if (pause.isPositive()) {
      log.warn("no child is started for {} ms: {}", pause.toMillis(), reason);
    }
  }

  /// Lets time pass for the breaker.
  void probe() {
    BreakerState before = crashes.state();
    crashes = crashes.at(clock.now());
    if (before == BreakerState.OPEN && crashes.state() == BreakerState.HALF_OPEN) {
      log.info("breaker half-open: one child is tried");
    }
    boolean proven =
        tried().stream()
            .anyMatch(c -> c.serves() && clock.now() - c.readyAt() >= CrashControl.PROVEN);
    if (crashes.state() == BreakerState.HALF_OPEN && proven) {
      reset("a child has served for " + CrashControl.PROVEN / 1_000_000_000 + " s");
    }
  }

  /// Forgets the deaths.
  void reset(String why) {
    boolean wasClosed = crashes.state() == BreakerState.CLOSED;
    crashes = crashes.reset(clock.now());
    if (!wasClosed) {
      events.tell(new LifecycleEvent.BreakerClosed(why));
    }
  }

  /// How many children may be started now.
  int allowedStarts() {
    return crashes.allowed(tried().size(), clock.now());
  }

  private List<ChildProcess> tried() {
    return children.matching(c -> c.startedAt() - crashes.nextStart() >= 0);
  }
}
