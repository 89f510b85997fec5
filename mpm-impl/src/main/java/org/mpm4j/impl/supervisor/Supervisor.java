package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleListener;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.os.AdoptedZombies;
import org.mpm4j.impl.os.Credentials;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.ServiceNotifier;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.mpm4j.impl.scoreboard.ServerScore;
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
  private static final long SETTLE_NANOS = 5_000_000;

  /// The one in force, the one before it, and one more that still drains.
  public static final int GENERATIONS = 3;

  private static final long CLIENT_WAITS = -2;

  /// What the supervisor stands on, all of it lent.
  ///
  /// @param machine divided among the children
  /// @param application what every child builds
  /// @param childMain the name of the class that a child runs, in this module
  /// @param listeners the listening sockets; the supervisor opens and closes them with the reloads
  /// @param scoreboard with room for three generations
  /// @param scoreboardFd a descriptor of its file
  /// @param notifier for the service manager
  public record Ground(
      MachineLimits machine,
      Class<?> application,
      String childMain,
      ListenerTable listeners,
      Scoreboard scoreboard,
      int scoreboardFd,
      ServiceNotifier notifier) {}

  private final Syscalls os;
  private final Ground ground;
  private final Poller poller;
  private final Events events;
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
  private final ChildCare care;
  private final Scaler scaler;
  private final Doorbell doorbell;
  private final Reloads reloads;
  private final ServiceReports reports;
  private final AdoptedZombies zombies;
  private Phase phase = Phase.STARTING;
  private Generation current;
  private int lastGeneration;
  private long lastTick = clock.now();
  private Set<Integer> generationsAlive = Set.of();
  private boolean hurried;

  /// Prepares a supervisor that does not run yet.
  ///
  /// @throws IOException that names the address which cannot be bound, or what children need and do
  ///   not find, or if descriptors are exhausted; what was opened of `ground` stays its owner's
  public Supervisor(Syscalls os, MpmConfig config, Ground ground, List<LifecycleListener> listeners)
      throws IOException {
    this.os = os;
    this.ground = ground;
    this.current = generation(config);
    this.poller = Poller.open(os, 64);
    this.events = new Events(ground.scoreboard().server(), listeners);
    this.children = new Children(os, poller, ground.scoreboard(), ground.scoreboardFd());
    this.care =
        new ChildCare(
            children, clock, events, CrashControl.Limits.of(config), this::failedBeforeReady);
    this.doorbell = new Doorbell(os, poller, CLIENT_WAITS);
    this.scaler = new Scaler(children, care, doorbell, clock, events);
    this.reloads = new Reloads(children, care, scaler, clock, events, new InForce());
    this.reports = new ServiceReports(ground.notifier());
    this.zombies = AdoptedZombies.of(os);
    this.view = look();
    this.thread = Thread.ofPlatform().name("mpm-supervisor").unstarted(this::run);
  }

  private Generation generation(MpmConfig config) throws IOException {
    ChildCommand command =
        new ChildCommand(ground.childMain(), ground.application(), ground.machine());
    command.requireStartable(config, ClassLoader.getSystemClassLoader());
    return new Generation(
        lastGeneration++,
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
        mode, (before, now) -> before == StopMode.IMMEDIATE ? before : Objects.requireNonNull(now));
    poller.wakeup();
  }

  /// Waits until no child is left.
  public void awaitStopped() throws InterruptedException {
    stopped.await();
  }

  /// Asks for a new generation.
  ///
  /// @param hard whether to end the old one at once
  /// @return completed by another thread
  public CompletableFuture<ReloadVerdict> requestReload(MpmConfig config, boolean hard) {
    CompletableFuture<ReloadVerdict> verdict = new CompletableFuture<>();
    command(() -> reloads.request(new Takeover.Request(config, hard, verdict, clock.now())));
    return verdict;
  }

  /// Tells of a reload whose configuration could not be read.
  ///
  /// @return completed by another thread
  public CompletableFuture<ReloadVerdict> refuseReload(String reason) {
    CompletableFuture<ReloadVerdict> verdict = new CompletableFuture<>();
    command(() -> reloads.refuse(verdict, reason));
    return verdict;
  }

  /// Fixes the number of children; 0 follows the load.
  public void requestScale(int number) {
    command(() -> scaler.pin(number));
  }

  /// Forgets the deaths of children.
  public void requestBreakerReset() {
    command(() -> care.reset("reset by the operator"));
  }

  /// Asks a child what its threads are doing.
  ///
  /// @return completed by another thread, exceptionally if there is no such child or it ends first
  public CompletableFuture<String> requestThreadDump(int slot) {
    CompletableFuture<String> text = new CompletableFuture<>();
    command(() -> care.dumpThreads(slot, text));
    return text;
  }

  private void command(Runnable command) {
    commands.offer(command);
    poller.wakeup();
    if (stopped.getCount() == 0) {
      refuseCommands();
    }
  }

  /// Adds a listener.
  public void addListener(LifecycleListener listener) {
    events.add(listener);
  }

  /// What there was at the supervisor's last look.
  public View view() {
    return view;
  }

  // ---- the supervisor's thread ----

  private void run() {
    try {
      act();
      while (phase != Phase.STOPPING || !children.isEmpty()) {
        long left = patience();
        int ready = poller.await((int) (left / 1_000_000) + 1);
        clock.look(left);
        for (int i = 0; i < ready; i++) {
          if (poller.data(i) != CLIENT_WAITS) {
            care.handle(poller.data(i));
          }
        }
        act();
      }
    } catch (Throwable e) {
      log.error("the supervisor failed and ends its children", e);
      failStart("the supervisor failed: " + e, e);
      care.abandon();
    } finally {
      events.close();
      poller.close();
      publish();
      started.countDown();
      stopped.countDown();
      refuseCommands();
    }
  }

  private long patience() {
    long most = reloads.settling() ? SETTLE_NANOS : reports.patience(TICK_NANOS);
    return Math.clamp(lastTick + TICK_NANOS - clock.now(), 0, most);
  }

  /// Looks at everything and does what is due.
  private void act() {
    for (Runnable command; (command = commands.poll()) != null; ) {
      command.run();
    }
    tellEndedGenerations(); // before the reload that waited for it begins
    if (phase != Phase.STOPPING && (wanted.get() != null || failure != null)) {
      beginStop();
    }
    boolean tick = clock.now() - lastTick >= TICK_NANOS;
    if (tick) {
      lastTick = clock.now();
      reapAdopted();
    }
    if (phase == Phase.STOPPING) {
      hurryStop();
    } else {
      keepChildren(tick);
    }
    care.advanceEndings();
    tellEndedGenerations();
    publish();
    reloads.answer();
    if (phase == Phase.RUNNING) {
      started.countDown();
    }
  }

  private void keepChildren(boolean tick) {
    care.killLateStarters();
    care.probe();
    if (tick) {
      care.observe();
    }
    if (phase != Phase.STARTING) {
      reloads.advance();
    }
    if (!reloads.running()) {
      scaler.recycle(current);
      scaler.scale(current);
    }
    if (phase != Phase.STARTING) {
      phase = reloads.running() ? Phase.RELOADING : Phase.RUNNING;
    } else if (scaler.started(current)) {
      phase = Phase.RUNNING;
    }
  }

  private void reapAdopted() {
    Set<Integer> own = new TreeSet<>();
    children.all().forEach(child -> own.add(child.id().pid()));
    try {
      zombies.reap(own).forEach(pid -> log.debug("reaped process {}, an orphan", pid));
    } catch (IOException e) {
      log.debug("could not look for orphans", e);
    }
  }

  /// What the reloads change.
  private final class InForce implements Reloads.Generations {
    @Override
    public Generation current() {
      return current;
    }

    @Override
    public Generation next(Takeover.Request request) throws IOException {
      var _ = Credentials.resolve(os, request.config().user(), request.config().group());
      refuseUnlessRoom(request.config());
      return generation(request.config());
    }

    @Override
    public void inForce(Generation generation) {
      ground.listeners().retainAll(generation.listeners());
      if (generation.number() != current.number()) {
        current = generation;
        scaler.reloaded();
        care.limit(CrashControl.Limits.of(generation.config()));
      }
    }
  }

  private void refuseUnlessRoom(MpmConfig config) throws IOException {
    Scoreboard scoreboard = ground.scoreboard();
    int slots = GENERATIONS * config.childLimit();
    if (slots > scoreboard.slots() || config.threadsPerChild() > scoreboard.threadsPerSlot()) {
      throw new IOException(
          "MaxRequestWorkers "
              + config.maxRequestWorkers()
              + " and ThreadsPerChild "
              + config.threadsPerChild()
              + " need "
              + slots
              + " slots with "
              + config.threadsPerChild()
              + " threads each, but the scoreboard has "
              + scoreboard.slots()
              + " with "
              + scoreboard.threadsPerSlot()
              + ", fixed when the server started: stop it and start it anew");
    }
  }

  private void failedBeforeReady(Generation generation, String reason, String lastOutput) {
    reloads.failed(generation, reason, lastOutput);
    failStart(lastOutput.isBlank() ? reason : reason + "\n" + lastOutput.stripTrailing(), null);
  }

  private void failStart(String reason, @Nullable Throwable cause) {
    if (failure == null && started.getCount() > 0) {
      failure = new StartException(reason, cause);
    }
  }

  private void tellEndedGenerations() {
    Set<Integer> alive = new TreeSet<>();
    children.all().forEach(child -> alive.add(child.id().generation()));
    for (int number : generationsAlive) {
      if (!alive.contains(number) && number != current.number()) {
        events.tell(new LifecycleEvent.GenerationEnded(number));
      }
    }
    generationsAlive = alive;
  }

  private void beginStop() {
    phase = Phase.STOPPING;
    failStart("stopped before the children were ready", null);
    doorbell.watch(List.of());
    reloads.refuseAll("the server stops");
    for (ChildProcess child : children.all()) {
      if (child.is(State.STARTING)) {
        care.terminate(child, "stop"); // it serves nobody yet
      } else if (child.endingStage() == null) {
        care.drain(child, "stop", true);
      }
    }
  }

  private void hurryStop() {
    if (!hurried && (wanted.get() == StopMode.IMMEDIATE || failure != null)) {
      hurried = true;
      children.all().forEach(child -> care.terminate(child, "stop"));
    }
  }

  /// Answers what comes after the end.
  private synchronized void refuseCommands() {
    for (Runnable command; (command = commands.poll()) != null; ) {
      command.run();
    }
    reloads.refuseAll("the server has stopped");
    care.forgetDumps();
  }

  private void publish() {
    View seen = look();
    view = seen;
    ground.scoreboard().server().publish(facts(seen), System.nanoTime());
    reports.looked(seen, reloads.unanswered());
  }

  private View look() {
    return new View(
        current.config(),
        current.number(),
        current.addresses(),
        phase,
        children.all().stream().map(child -> new View.Member(child.id(), child.state())).toList(),
        care.crashes().status(clock.now()));
  }

  private ServerScore.Facts facts(View seen) {
    return new ServerScore.Facts(
        seen.config().model(),
        seen.generation(),
        seen.phase(),
        seen.config().childLimit(),
        scaler.pinned(),
        seen.breaker(),
        reloads.lastVerdict());
  }
}
