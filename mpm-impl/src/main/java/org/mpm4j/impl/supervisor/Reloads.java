package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.ReloadVerdict;

/// Takes over from one generation to the next, one request after the other. The supervisor's thread
/// only.
final class Reloads {
  /// With the one that is about to become old.
  private static final int MOST_OLD_GENERATIONS = 2;

  /// Makes generations, and learns which one is in force.
  interface Generations {
    Generation current();

    /// The next generation, which is not in force yet.
    ///
    /// @throws IOException if the configuration cannot be had while the server runs; nothing has
    ///   changed then
    Generation next(Takeover.Request request) throws IOException;

    /// The takeover is over, whichever way: `generation` is in force.
    void inForce(Generation generation);
  }

  private final Children children;
  private final ChildCare care;
  private final Scaler scaler;
  private final SupervisorClock clock;
  private final Events events;
  private final Generations generations;

  private final Deque<Takeover.Request> waiting = new ArrayDeque<>();
  private @Nullable Takeover running;
  private Takeover.@Nullable Request told;
  private Optional<ReloadVerdict> lastVerdict = Optional.empty();
  private final List<Runnable> answers = new ArrayList<>();

  Reloads(
      Children children,
      ChildCare care,
      Scaler scaler,
      SupervisorClock clock,
      Events events,
      Generations generations) {
    this.children = children;
    this.care = care;
    this.scaler = scaler;
    this.clock = clock;
    this.events = events;
    this.generations = generations;
  }

  void request(Takeover.Request request) {
    waiting.add(request);
  }

  /// Refuses what was asked for with a configuration that cannot be read.
  void refuse(CompletableFuture<ReloadVerdict> verdict, String reason) {
    tell(verdict, new ReloadVerdict.Refused(generations.current().number(), reason));
  }

  /// Whether a takeover runs.
  boolean running() {
    return running != null;
  }

  /// Whether a takeover waits for something that nobody will report.
  boolean settling() {
    return running != null && running.settling();
  }

  Optional<ReloadVerdict> lastVerdict() {
    return lastVerdict;
  }

  /// A child could not become ready.
  void failed(Generation generation, String reason, String lastOutput) {
    if (running != null
        && running.forward()
        && running.incoming().number() == generation.number()) {
      running.fail(reason, lastOutput);
    }
  }

  /// Begins what was asked for, goes on with what runs.
  void advance() {
    Takeover.Request next = waiting.peek();
    if (running == null
        && next != null
        && children.oldGenerations(generations.current()) < MOST_OLD_GENERATIONS) {
      waiting.remove();
      begin(next);
    }
    if (running != null) {
      advance(running);
    }
  }

  /// Whether something is over since [#answer()] was called.
  boolean unanswered() {
    return !answers.isEmpty();
  }

  /// Answers those who asked for what is over; what they look at then must say so already.
  void answer() {
    answers.forEach(Runnable::run);
    answers.clear();
  }

  /// Refuses what was asked for and is not done.
  void refuseAll(String reason) {
    int generation = generations.current().number();
    if (running != null) {
      waiting.addFirst(running.request());
    }
    running = null;
    answer();
    waiting.forEach(
        request -> request.verdict().complete(new ReloadVerdict.Refused(generation, reason)));
    waiting.clear();
  }

  private void begin(Takeover.Request request) {
    Generation from = generations.current();
    Generation to;
    try {
      to = generations.next(request);
    } catch (IOException e) {
      String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
      tell(request, new ReloadVerdict.Refused(from.number(), reason));
      return;
    }
    events.tell(new LifecycleEvent.ReloadStarted(to.number()));
    int before = children.serving(from).size();
    int wanted = scaler.wanted(from, to);
    int surge = to.config().reloadMaxSurge().roundedUp(wanted);
    int unavailable = to.config().reloadMaxUnavailable().roundedDown(wanted);
    int serving = request.hard() ? 0 : before;
    // as Kubernetes has it: shares that round to nothing would never end
    Rollout rollout =
        new Rollout(wanted, serving, surge, surge == 0 ? Math.max(1, unavailable) : unavailable);
    running = new Takeover(request, from, to, before, rollout);
    for (ChildProcess child : children.matching(c -> c.isOf(from) && c.endingStage() == null)) {
      if (request.hard() || child.is(State.STARTING)) {
        care.terminate(child, running.why());
      }
    }
  }

  private void advance(Takeover takeover) {
    if (takeover.forward()
        && (takeover.failure() != null || care.crashes().state() == BreakerState.OPEN)) {
      revert(takeover);
    }
    Rollout rollout = takeover.rollout();
    int ready = children.serving(takeover.incoming()).size();
    int live = ready + children.of(takeover.incoming(), State.STARTING).size();
    List<ChildProcess> old = scaler.leastLoadedFirst(children.serving(takeover.outgoing()));
    int leaving = rollout.toDrain(ready, old.size());
    int left = old.size() - leaving;
    boolean dropped = takeover.outgoing().dropsListener(takeover.incoming());
    old.subList(0, leaving).forEach(child -> care.drain(child, takeover.why(), dropped));
    int starts = Math.min(rollout.toStart(live, ready, left), care.allowedStarts());
    for (int i = 0; i < starts && care.start(takeover.incoming(), takeover.why(), null); i++) {}
    if (rollout.done(ready, left)) {
      if (!takeover.settling(stillAccepts(takeover.outgoing()), clock.now())) {
        end(takeover);
      }
    } else if (takeover.overdue(clock.now())) {
      children.serving(takeover.outgoing()).forEach(c -> care.drain(c, takeover.why(), dropped));
      end(takeover);
    } else if (!takeover.forward() && ready > 0) {
      tell(takeover.request(), verdict(takeover)); // whoever asked need not wait for the rest
    }
  }

  /// Whether a child that was told to drain has not heard it yet: whoever learns that the reload is
  /// over must not meet the old generation any more.
  private boolean stillAccepts(Generation generation) {
    return children.of(generation, State.DRAINING).stream().anyMatch(c -> c.score().accepting());
  }

  private void revert(Takeover takeover) {
    Generation failed = takeover.incoming();
    takeover.fail(care.crashes().why(), "");
    children.of(failed, State.STARTING).forEach(child -> care.terminate(child, "rollback"));
    takeover.revert(children.serving(failed).size(), clock.now());
    care.reset("rolled back"); // what has failed is not what is started now
  }

  private void end(Takeover takeover) {
    running = null;
    generations.inForce(takeover.incoming());
    tell(takeover.request(), verdict(takeover));
  }

  private ReloadVerdict verdict(Takeover takeover) {
    int generation = takeover.incoming().number();
    if (takeover.forward()) {
      Duration took = Duration.ofNanos(clock.now() - takeover.request().at());
      return new ReloadVerdict.Succeeded(generation, took);
    }
    String reason = Objects.requireNonNullElse(takeover.failure(), "");
    return new ReloadVerdict.RolledBack(generation, reason, takeover.lastOutput());
  }

  private void tell(Takeover.Request request, ReloadVerdict verdict) {
    if (!request.equals(told)) {
      told = request;
      tell(request.verdict(), verdict);
    }
  }

  private void tell(CompletableFuture<ReloadVerdict> asked, ReloadVerdict verdict) {
    lastVerdict = Optional.of(verdict);
    events.tell(new LifecycleEvent.ReloadEnded(verdict));
    answers.add(() -> asked.complete(verdict));
  }
}
