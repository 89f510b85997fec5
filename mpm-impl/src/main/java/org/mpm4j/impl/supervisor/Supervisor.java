package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleListener;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.os.ExitStatus;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Signals;
import org.mpm4j.impl.os.Syscalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parent: keeps the right number of healthy children, replaces those that end, takes over from
/// one generation to the next, and ends them all.
public final class Supervisor {
  /*
   * Overview: one thread waits in a poller for the children's exits (pidfds), their messages (control
   * sockets), what they print while they start (pipes) and what other threads ask for (`commands`).
   * After each wait, and at least once a second, it looks at everything anew: act(). It never sleeps
   * and never waits for a child: what is due later is a deadline, and the next look finds it.
   *
   *   STARTING ─► RUNNING ◄─► RELOADING        any of them ─► STOPPING ─► over
   *       └── a child fails ─► STOPPING
   *
   * What to do is decided by pure functions of what it sees (Autoscaler, Rollout, CrashControl, Vitals,
   * Ending); this class carries it out.
   *
   * Ownership: children, poller, clock and every field without a note belong to the supervisor's thread.
   * Other threads write `wanted` (only ever raised from null to GRACEFUL to IMMEDIATE) and `commands`,
   * and wake it; they read the latches, `failure`, `view`, and the scoreboard.
   *
   * Shutdown: GRACEFUL drains every child, IMMEDIATE begins with SIGTERM; see Ending. Each signal goes to
   * the child's process group. When no child is left, what was asked for and not done is refused.
   */

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  private static final long TICK_NANOS = 1_000_000_000;
  private static final int MOST_OLD_GENERATIONS = 2;
  private static final long CLIENT_WAITS = -2;

  /// What the supervisor stands on, all of it lent.
  ///
  /// @param machine divided among the children
  /// @param application what every child builds
  /// @param childMain the name of the class that a child runs, in this module
  /// @param listeners the listening sockets; the supervisor opens and closes them with the reloads
  /// @param scoreboard with room for three generations
  /// @param scoreboardFd a descriptor of its file
  public record Ground(
      MachineLimits machine,
      Class<?> application,
      String childMain,
      ListenerTable listeners,
      org.mpm4j.impl.scoreboard.Scoreboard scoreboard,
      int scoreboardFd) {}

  private final Syscalls os;
  private final Ground ground;
  private final Poller poller;
  private final Events events;
  private final Instant startedAt = Instant.now();
  private final Thread thread;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  // any thread
  private final AtomicReference<@Nullable StopMode> wanted = new AtomicReference<>();
  private final MpscUnboundedVarHandleArrayQueue<Runnable> commands =
      new MpscUnboundedVarHandleArrayQueue<>(16);

  // written by the supervisor's thread, read by any
  private volatile @Nullable StartException failure;
  private volatile View view;

  private final SupervisorClock clock = new SupervisorClock(System::nanoTime);
  private final Children children;
  private final Scaler scaler;
  private final Doorbell doorbell;
  private final Map<ChildProcess, List<CompletableFuture<String>>> dumps = new HashMap<>();
  private final Deque<Takeover> waiting = new ArrayDeque<>();
  private Phase phase = Phase.STARTING;
  private Generation current;
  private int lastGeneration;
  private CrashControl crashes;
  private @Nullable Takeover takeover;
  private Optional<ReloadVerdict> lastVerdict = Optional.empty();
  private long now;
  private long lastTick;
  private boolean hurried;

  /// Prepares a supervisor that does not run yet.
  ///
  /// @throws IOException that names the address which cannot be bound, or if descriptors are
  ///   exhausted; what was opened of `ground` stays its owner's
  public Supervisor(
      Syscalls os, MpmConfig config, Ground ground, List<LifecycleListener> listeners)
      throws IOException {
    this.os = os;
    this.ground = ground;
    this.now = clock.now(0);
    this.lastTick = now;
    this.current = generation(0, config);
    this.poller = Poller.open(os, 64);
    this.children = new Children(os, poller, ground.scoreboard(), ground.scoreboardFd());
    this.scaler = new Scaler(children, config, now);
    this.doorbell = new Doorbell(os, poller, CLIENT_WAITS);
    this.crashes = CrashControl.closed(CrashControl.Limits.of(config), now);
    this.events = new Events(listeners);
    this.view = view();
    this.thread = Thread.ofPlatform().name("mpm-supervisor").unstarted(this::run);
  }

  private Generation generation(int number, MpmConfig config) throws IOException {
    ChildCommand command =
        new ChildCommand(ground.childMain(), ground.application(), ground.machine());
    return new Generation(
        number,
        config,
        ground.application().getName(),
        command,
        ground.listeners().open(config));
  }

  // ---- any thread ----

  /// Starts the children and waits until the first ones are ready.
  ///
  /// @throws StartException if one could not become ready; then none is left
  /// @throws InterruptedException if the caller is interrupted; request an immediate stop then
  public void start() throws StartException, InterruptedException {
    thread.start();
    started.await();
    StartException reason = failure;
    if (reason != null) {
      stopped.await();
      throw reason;
    }
  }

  /// Asks it to stop; a request for [StopMode#IMMEDIATE] overrides a graceful one.
  public void requestStop(StopMode mode) {
    wanted.accumulateAndGet(
        mode, (before, next) -> before == StopMode.IMMEDIATE ? before : Objects.requireNonNull(next));
    poller.wakeup();
  }

  /// Waits until no child is left.
  public void awaitStopped() throws InterruptedException {
    stopped.await();
  }

  /// Whether no child is left, and none will be started.
  public boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /// Asks for a new generation.
  ///
  /// @param hard whether to end the old one at once
  /// @return completed by the supervisor's thread
  public CompletableFuture<ReloadVerdict> requestReload(MpmConfig config, boolean hard) {
    CompletableFuture<ReloadVerdict> verdict = new CompletableFuture<>();
    command(() -> waiting.add(new Takeover(config, hard, verdict, now)));
    return verdict;
  }

  /// Fixes the number of children; 0 follows the load.
  public void requestScale(int number) {
    command(() -> scaler.pin(number));
  }

  /// Forgets the deaths of children.
  public void requestBreakerReset() {
    command(() -> closeBreaker("reset"));
  }

  /// Asks a child what its threads are doing.
  ///
  /// @return completed by the supervisor's thread, exceptionally if there is no such child or it
  ///   ends first
  public CompletableFuture<String> requestThreadDump(int slot) {
    CompletableFuture<String> text = new CompletableFuture<>();
    command(() -> {
      ChildProcess child = children.inSlot(slot);
      if (child == null) {
        text.completeExceptionally(new IOException("no child in slot " + slot));
      } else {
        dumps.computeIfAbsent(child, _ -> new ArrayList<>()).add(text);
        child.send(new ControlMessage.DumpThreads());
      }
    });
    return text;
  }

  /// Adds a listener.
  public void addListener(LifecycleListener listener) {
    events.add(listener);
  }

  /// What there is, as of the supervisor's last look.
  public View lastView() {
    return view;
  }

  private void command(Runnable command) {
    commands.offer(command);
    poller.wakeup();
    if (isStopped()) {
      refuseCommands();
    }
  }

  // ---- the supervisor's thread ----

  private void run() {
    try {
      act();
      while (!over()) {
        int patience = (int) Math.max(1, (lastTick + TICK_NANOS - now) / 1_000_000 + 1);
        int n = poller.await(patience);
        now = clock.now(patience * 1_000_000L);
        for (int i = 0; i < n; i++) {
          handle(poller.data(i));
        }
        act();
      }
    } catch (Throwable e) {
      log.error("the supervisor failed and ends its children", e);
      failStart("the supervisor failed: " + e, e);
      children.all().forEach(child -> child.kill(Signals.KILL));
      children.all().forEach(children::remove);
    } finally {
      events.close();
      poller.close();
      publish();
      started.countDown();
      stopped.countDown();
      refuseCommands();
    }
  }

  private boolean over() {
    return phase == Phase.STOPPING && children.isEmpty();
  }

  /// Looks at everything and does what is due.
  private void act() {
    for (Runnable command; (command = commands.poll()) != null; ) {
      command.run();
    }
    boolean ticks = now - lastTick >= TICK_NANOS;
    if (ticks) {
      lastTick = now;
    }
    if (phase != Phase.STOPPING && (wanted.get() != null || failure != null)) {
      beginStop();
    }
    if (phase == Phase.STOPPING) {
      hurryStop();
    } else {
      killLateStarters();
      probeBreaker();
      if (ticks) {
        children.matching(ChildProcess::serves).forEach(this::observe);
      }
      beginTakeover();
      if (takeover != null) {
        advance(takeover);
      } else {
        recycle();
        scale();
      }
      checkStarted();
    }
    children.all().forEach(this::advanceEnding);
    publish();
  }

  private void checkStarted() {
    if (phase == Phase.STARTING && scaler.started(current)) {
      phase = Phase.RUNNING;
      publish();
      started.countDown();
    }
  }

  private void handle(long data) {
    ChildProcess child = data >= 0 ? children.at(data) : null;
    if (child == null) {
      return; // the doorbell, or reaped by an earlier entry of the same batch
    }
    switch (Children.source(data)) {
      case OUTPUT -> {
        if (!child.output().relay()) {
          children.silent(child);
        }
      }
      case MESSAGE -> receive(child);
      case EXIT -> {
        receive(child);
        reap(child);
      }
    }
  }

  private void receive(ChildProcess child) {
    try {
      for (ControlMessage message : child.control().receive()) {
        note(child, message);
      }
    } catch (IOException e) {
      log.error("{} sent what cannot be understood and is killed", child, e);
      child.terminate("it sent what cannot be understood", now);
    }
    if (child.control().ended()) {
      children.mute(child); // its exit follows
    }
  }

  private void note(ChildProcess child, ControlMessage message) {
    switch (message) {
      case ControlMessage.Ready _ -> {
        if (child.is(State.STARTING)) {
          child.ready(now);
          crashes = crashes.ready(now);
          Duration after = Duration.ofNanos(now - child.startedAt());
          events.tell(new LifecycleEvent.ChildReady(child.id(), after));
          ChildProcess predecessor = child.predecessor;
          if (predecessor != null && predecessor.serves()) {
            drain(predecessor, Objects.requireNonNullElse(predecessor.recycleDue, "replaced"));
          }
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
      case ControlMessage.ThreadDump dump -> {
        List<CompletableFuture<String>> asked = dumps.remove(child);
        if (asked == null || child.endingStage() == Ending.Stage.DUMPING) {
          events.tell(new LifecycleEvent.ThreadsDumped(child.id(), dump.text()));
        }
        if (asked != null) {
          asked.forEach(text -> text.complete(dump.text()));
        }
        if (child.endingStage() == Ending.Stage.DUMPING) {
          child.terminate(child.why(), now);
        }
      }
      case ControlMessage.Serve _,
          ControlMessage.Accept _,
          ControlMessage.Drain _,
          ControlMessage.DumpThreads _ ->
          log.error("{} sent a message that only a supervisor sends", child);
    }
  }

  // ---- children come and go ----

  private boolean start(
      Generation generation, String why, @Nullable ChildProcess predecessor) {
    try {
      ChildProcess child = children.start(generation, now);
      child.predecessor = predecessor;
      events.tell(new LifecycleEvent.ChildStarted(child.id(), why));
      return true;
    } catch (IOException e) {
      String reason = "a child could not be started: " + e.getMessage();
      log.error("{}", reason, e);
      noteDeath(-1, reason);
      failIncoming(generation, reason, "");
      failStart(reason, null);
      return false;
    }
  }

  private void drain(ChildProcess child, String why) {
    Takeover running = takeover;
    boolean alone = running != null && running.outgoing().dropsListener(running.incoming());
    child.drain(drainDeadline(child), why, alone || phase == Phase.STOPPING);
    events.tell(new LifecycleEvent.ChildDraining(child.id(), why));
  }

  private Ending drainDeadline(ChildProcess child) {
    return Ending.drain(child.generation().config().gracefulShutdownTimeout(), now);
  }

  private void advanceEnding(ChildProcess child) {
    Ending.Stage begun = child.advanceEnding(now);
    if (begun == Ending.Stage.DUMPING) {
      log.warn(
          "{} has not ended within GracefulShutdownTimeout, {}: it is ended by force",
          child,
          child.generation().config().gracefulShutdownTimeout());
    } else if (begun == Ending.Stage.KILLING) {
      log.warn("{} has not ended after SIGTERM: it is killed", child);
    }
  }

  private void killLateStarters() {
    for (ChildProcess child : children.matching(c -> c.is(State.STARTING) && c.failure() == null)) {
      Duration allowed = child.generation().config().childStartTimeout();
      if (now - child.startedAt() > allowed.toNanos()) {
        String reason = child + " was not ready within ChildStartTimeout, " + allowed;
        child.failure(new ControlMessage.Failed(reason, ""));
        child.kill(Signals.QUIT); // HotSpot says what its threads are doing
        child.kill(Signals.KILL);
      }
    }
  }

  private void reap(ChildProcess child) {
    State before = child.state();
    int fleet = children.all().size();
    ExitStatus status = children.remove(child);
    ExitCause cause =
        switch (before) {
          case STARTING -> ExitCause.DIED_BEFORE_READY;
          case READY, RETIRING -> ExitCause.DIED;
          case DRAINING ->
              child.forced()
                  ? ExitCause.KILLED
                  : status.equals(new ExitStatus.Exited(0)) ? ExitCause.DRAINED : ExitCause.DIED;
        };
    String output = lastOutput(child, cause);
    events.tell(new LifecycleEvent.ChildExited(child.id(), cause, status.toString(), output));
    Optional.ofNullable(dumps.remove(child))
        .ifPresent(asked ->
            asked.forEach(text -> text.completeExceptionally(new IOException(child + " ended"))));
    if (phase == Phase.STOPPING) {
      return;
    }
    if (before != State.DRAINING) {
      String reason = reason(child, status);
      long served = before == State.STARTING ? -1 : now - child.readyAt();
      noteDeath(served, fleet, reason);
      if (before == State.STARTING) {
        failIncoming(child.generation(), reason, output);
        failStart(output.isBlank() ? reason : reason + "\n" + output.stripTrailing(), null);
      }
    }
    int generation = child.id().generation();
    boolean last = children.all().stream().noneMatch(c -> c.id().generation() == generation);
    if (last && generation != current.number() && !isInTakeover(generation)) {
      events.tell(new LifecycleEvent.GenerationEnded(generation));
    }
  }

  private static String reason(ChildProcess child, ExitStatus status) {
    ControlMessage.Failed failed = child.failure();
    if (failed != null) {
      return child + " cannot serve: " + failed.reason();
    }
    return child.is(State.STARTING)
        ? child + " ended before it was ready: " + status
        : child + " died: " + status;
  }

  private static String lastOutput(ChildProcess child, ExitCause cause) {
    if (cause != ExitCause.DIED_BEFORE_READY) {
      return "";
    }
    ControlMessage.Failed failed = child.failure();
    return child.output().last() + (failed == null ? "" : failed.trace());
  }

  /// A child has died that should not have.
  ///
  /// @param served how long it was ready, negative if it never was
  private void noteDeath(long served, int fleet, String reason) {
    BreakerState before = crashes.state();
    double jitter = ThreadLocalRandom.current().nextDouble();
    crashes = crashes.died(served, fleet, jitter, reason, now);
    long pause = crashes.nextStart() - now;
    if (crashes.state() == BreakerState.OPEN && before != BreakerState.OPEN) {
      events.tell(new LifecycleEvent.BreakerOpened(reason, Duration.ofNanos(pause)));
    } else if (pause > 0) {
      log.warn("the next child is started in {} ms: {}", pause / 1_000_000, reason);
    }
  }

  private void probeBreaker() {
    BreakerState before = crashes.state();
    crashes = crashes.at(now);
    if (before == BreakerState.OPEN && crashes.state() == BreakerState.HALF_OPEN) {
      log.info("breaker half-open: one child is tried");
    }
    boolean proven =
        crashes.state() == BreakerState.HALF_OPEN
            && tried().stream()
                .anyMatch(c -> c.serves() && now - c.readyAt() >= CrashControl.PROVEN);
    if (proven) {
      closeBreaker("a child has served for " + CrashControl.PROVEN / 1_000_000_000 + " s");
    }
  }

  private List<ChildProcess> tried() {
    return children.matching(c -> c.startedAt() - crashes.nextStart() >= 0);
  }

  private void closeBreaker(String why) {
    boolean wasClosed = crashes.state() == BreakerState.CLOSED;
    crashes = crashes.reset(now);
    if (!wasClosed) {
      events.tell(new LifecycleEvent.BreakerClosed(why));
    }
  }

  private int allowedStarts() {
    return crashes.allowed(tried().size(), now);
  }

  // ---- how many, and which ----

  private void scale() {
    MpmConfig config = current.config();
    boolean clients = doorbell.watch(scaler.asleep(current), current.listeners());
    Scaler.Orders orders = scaler.decide(current, clients, allowedStarts(), now);
    for (int i = 0; i < orders.start(); i++) {
      if (!start(current, orders.why(), null)) {
        break;
      }
    }
    orders.retire().ifPresent(child -> {
      child.accept(false, orders.why());
      log.info("{} retiring: {}", child, orders.why());
    });
    orders.keep().ifPresent(child -> {
      child.accept(true, "");
      log.info("{} accepts again: {}", child, orders.why());
    });
    orders.drain().ifPresent(child -> drain(child, orders.why()));
    if (orders.limited()) {
      String limit = config.model().threaded() ? "MaxRequestWorkers " : "MaxRequestWorkers ";
      events.tell(
          new LifecycleEvent.LimitReached(
              limit + config.maxRequestWorkers() + ": " + orders.why()));
    }
  }

  /// Starts replacements for children that are worn out; the old ones serve until those are ready.
  private void recycle() {
    List<ChildProcess> due =
        children.matching(c -> c.isOf(current) && c.is(State.READY) && c.recycleDue != null);
    if (due.isEmpty()) {
      return;
    }
    List<ChildProcess> replacements =
        children.matching(c -> c.is(State.STARTING) && c.predecessor != null);
    long leaving = children.matching(c -> c.is(State.DRAINING) && c.recycleDue != null).size();
    int fleet = children.serving(current).size();
    long most = Math.max(1, current.config().maxRecyclingChildren().roundedUp(fleet));
    long room = Math.min(most - leaving - replacements.size(), allowedStarts());
    for (ChildProcess child : due) {
      boolean replaced = replacements.stream().anyMatch(r -> r.predecessor == child);
      if (!replaced && room-- > 0) {
        start(current, "replaces " + child + ": " + child.recycleDue, child);
      }
    }
  }

  private void observe(ChildProcess child) {
    MpmConfig config = child.generation().config();
    child.vitals = child.vitals.observe(child.score(), child.id().pid(), config.maxChildMemory());
    if (child.vitals.hangs(config)) {
      String why = "no heartbeat within HeartbeatTimeout, " + config.heartbeatTimeout();
      log.error("{} hangs: {}", child, why);
      child.kill(Signals.QUIT); // HotSpot says what its threads are doing, if it can
      noteDeath(now - child.readyAt(), children.all().size(), child + " hangs: " + why);
      child.terminate(why, now);
    } else if (child.recycleDue == null) {
      child.recycleDue = child.vitals.tooLarge(config).orElse(null);
    }
  }

  // ---- from one generation to the next ----

  private void beginTakeover() {
    Takeover next = waiting.peek();
    if (takeover != null
        || next == null
        || phase == Phase.STARTING
        || children.oldGenerations(current) >= MOST_OLD_GENERATIONS) {
      return;
    }
    waiting.remove();
    try {
      scaler.checkRoom(next.config(), ground.scoreboard());
      Generation incoming = generation(++lastGeneration, next.config());
      next.begin(current, incoming, children, scaler);
    } catch (IOException e) {
      end(next, new ReloadVerdict.Refused(current.number(), String.valueOf(e.getMessage())));
      return;
    }
    takeover = next;
    phase = Phase.RELOADING;
    doorbell.watch(false, current.listeners());
    events.tell(new LifecycleEvent.ReloadStarted(lastGeneration));
    for (ChildProcess child : children.matching(c -> c.isOf(current))) {
      if (next.hard() && child.endingStage() == null) {
        child.terminate("restart", now);
      } else if (!child.serves() && child.endingStage() == null) {
        child.terminate("reload", now); // it serves nobody yet
      }
    }
  }

  private void advance(Takeover running) {
    if (running.forward() && (running.failure() != null || crashes.state() == BreakerState.OPEN)) {
      revert(running);
    }
    Rollout rollout = running.rollout();
    List<ChildProcess> ready = children.serving(running.incoming());
    int live = ready.size() + children.of(running.incoming(), State.STARTING).size();
    List<ChildProcess> old = scaler.leastLoadedFirst(children.serving(running.outgoing()));
    int leave = rollout.toDrain(ready.size(), old.size());
    String why = running.forward() ? running.hard() ? "restart" : "reload" : "rollback";
    old.subList(0, leave).forEach(child -> drain(child, why));
    int starts =
        Math.min(rollout.toStart(live, ready.size(), old.size() - leave), allowedStarts());
    for (int i = 0; i < starts && start(running.incoming(), why, null); i++) {}
    boolean done = rollout.done(ready.size(), old.size() - leave);
    if (running.forward() && done) {
      current = running.incoming();
      scaler.reloaded(current, now);
      crashes = crashes.with(CrashControl.Limits.of(current.config()));
      endTakeover(
          running,
          new ReloadVerdict.Succeeded(
              current.number(), Duration.ofNanos(now - running.askedAt())));
    } else if (!running.forward() && (done || ready.size() > 0 || running.overdue(now))) {
      String reason = Objects.requireNonNullElse(running.failure(), crashes.why());
      ReloadVerdict verdict =
          new ReloadVerdict.RolledBack(current.number(), reason, running.lastOutput());
      if (done || running.overdue(now)) {
        endTakeover(running, verdict);
      } else {
        end(running, verdict);
      }
    }
  }

  private void revert(Takeover running) {
    children
        .of(running.incoming(), State.STARTING)
        .forEach(child -> child.terminate("rollback", now));
    running.revert(children.serving(running.incoming()).size(), now);
    crashes = crashes.reset(now); // what failed is not what is started now
  }

  private void endTakeover(Takeover running, ReloadVerdict verdict) {
    takeover = null;
    phase = Phase.RUNNING;
    children.serving(running.outgoing()).forEach(child -> drain(child, "overdue"));
    ground.listeners().retainAll(current.listeners());
    end(running, verdict);
  }

  private void end(Takeover running, ReloadVerdict verdict) {
    if (running.verdict().isDone()) {
      return;
    }
    lastVerdict = Optional.of(verdict);
    publish();
    events.tell(new LifecycleEvent.ReloadEnded(verdict));
    running.verdict().complete(verdict);
  }

  private void failIncoming(Generation generation, String reason, String output) {
    Takeover running = takeover;
    if (running != null
        && running.forward()
        && generation.number() == running.incoming().number()) {
      running.fail(reason, output);
    }
  }

  private boolean isInTakeover(int generation) {
    Takeover running = takeover;
    return running != null
        && (running.incoming().number() == generation
            || running.outgoing().number() == generation);
  }

  // ---- the end ----

  private void failStart(String reason, @Nullable Throwable cause) {
    if (failure == null && started.getCount() > 0) {
      failure = new StartException(reason, cause);
    }
  }

  private void beginStop() {
    phase = Phase.STOPPING;
    failStart("stopped before the children were ready", null);
    doorbell.watch(false, current.listeners());
    for (ChildProcess child : children.all()) {
      if (child.is(State.STARTING)) {
        child.terminate("stop", now); // it serves nobody yet
      } else if (child.endingStage() == null) {
        drain(child, "stop");
      }
    }
  }

  private void hurryStop() {
    if (!hurried && (wanted.get() == StopMode.IMMEDIATE || failure != null)) {
      hurried = true;
      children.all().forEach(child -> child.terminate("stop", now));
    }
  }

  private void refuseCommands() {
    String reason = "the server has stopped";
    for (Runnable command; (command = commands.poll()) != null; ) {
      command.run();
    }
    Takeover running = takeover;
    if (running != null) {
      waiting.add(running);
    }
    for (Takeover asked : waiting) {
      asked.verdict().complete(new ReloadVerdict.Refused(current.number(), reason));
    }
    dumps.values().forEach(asked ->
        asked.forEach(text -> text.completeExceptionally(new IOException(reason))));
  }

  private void publish() {
    view = view();
  }

  private View view() {
    List<View.ChildView> seen =
        children.all().stream()
            .map(child ->
                new View.ChildView(
                    child.id(),
                    child.state(),
                    child.why(),
                    Duration.ofNanos(now - child.startedAt()),
                    child.generation().config().threadsPerChild()))
            .toList();
    return new View(
        current.config(),
        current.number(),
        current.addresses(),
        phase,
        startedAt,
        seen,
        scaler.pinned(),
        crashes.status(now),
        lastVerdict);
  }
}
