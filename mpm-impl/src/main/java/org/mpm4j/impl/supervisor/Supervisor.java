package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.MpmConfig;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.control.Descriptors;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.ExitStatus;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Signals;
import org.mpm4j.impl.os.SpawnRequest;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parent: starts `StartServers` children, replaces each that ends, and ends them all.
public final class Supervisor {
  /*
   * Overview: one thread waits in a poller for the children's exits (pidfds), their messages (control
   * sockets) and for stop(). It never sleeps and never waits for a child: what is due later is a
   * deadline, and the nearest one bounds the wait.
   *
   *   STARTING ─► RUNNING ─► STOPPING ─► STOPPED
   *       └── a child fails ────▲
   *
   * Ownership: the children and the poller belong to the supervisor's thread. Other threads write
   * `wanted` (volatile, only ever raised from null to GRACEFUL to IMMEDIATE) and wake it; they read the
   * latches, `failure`, and the scoreboard.
   *
   * Shutdown: GRACEFUL sends Drain, after GracefulShutdownTimeout SIGTERM, and SIGKILL some seconds
   * later; IMMEDIATE begins with SIGTERM. Each signal goes to the child's process group.
   */

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  private static final long TERM_TO_KILL_NANOS = 3_000_000_000L;

  private enum Phase {
    STARTING,
    RUNNING,
    STOPPING,
    STOPPED
  }

  private final Syscalls os;
  private final MpmConfig config;
  private final ChildCommand command;
  private final String applicationClass;
  private final List<ListenSocket> listeners;
  private final Scoreboard scoreboard;
  private final int scoreboardFd;
  private final Poller poller;
  private final Thread thread;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  // any thread
  private final AtomicReference<@Nullable StopMode> wanted = new AtomicReference<>();

  // written by the supervisor's thread before `started` opens
  private volatile @Nullable StartException failure;

  // the supervisor's thread only
  private final @Nullable ChildProcess[] children;
  private Phase phase = Phase.STARTING;
  private RespawnDelay delay = RespawnDelay.NONE;
  private long lastFailure;
  private long stopDeadline;
  private boolean draining;
  private boolean terminated;

  /// Prepares a supervisor that does not run yet.
  ///
  /// @param childMain the name of the class that a child runs, in this module
  /// @param listeners stay the caller's
  /// @param scoreboard stays the caller's
  /// @param scoreboardFd a descriptor of its file; stays the caller's
  /// @throws IOException if descriptors are exhausted
  public Supervisor(
      Syscalls os,
      MpmConfig config,
      MachineLimits machine,
      Class<?> application,
      String childMain,
      List<ListenSocket> listeners,
      Scoreboard scoreboard,
      int scoreboardFd)
      throws IOException {
    this.os = os;
    this.config = config;
    this.command = new ChildCommand(childMain, application, machine);
    this.applicationClass = application.getName();
    this.listeners = List.copyOf(listeners);
    this.scoreboard = scoreboard;
    this.scoreboardFd = scoreboardFd;
    this.children = new @Nullable ChildProcess[config.serverLimit()];
    scoreboard.slotsInUse(children.length);
    this.poller = Poller.open(os, 64);
    this.thread = Thread.ofPlatform().name("mpm-supervisor").unstarted(this::run);
  }

  // ---- any thread ----

  /// Starts the children and waits until all of them are ready.
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

  // ---- the supervisor's thread ----

  private void run() {
    try {
      while (phase != Phase.STOPPED) {
        long now = System.nanoTime();
        act(now);
        if (phase != Phase.STOPPED) {
          int n = poller.await(patience(System.nanoTime()));
          for (int i = 0; i < n; i++) {
            handle(poller.data(i));
          }
        }
      }
    } catch (Throwable e) {
      log.error("the supervisor failed and ends its children", e);
      failStart("the supervisor failed: " + e, e);
      endAll();
    } finally {
      poller.close();
      started.countDown();
      stopped.countDown();
    }
  }

  private void act(long now) {
    if (phase != Phase.STOPPING && (wanted.get() != null || failure != null)) {
      phase = Phase.STOPPING;
      failStart("stopped before the children were ready", null);
    }
    if (phase == Phase.STOPPING) {
      advanceStop(now);
      return;
    }
    killLateStarters(now);
    startupChildren(now);
    if (phase == Phase.STARTING && count(ProcessState.READY) >= config.startServers()) {
      phase = Phase.RUNNING;
      started.countDown();
    }
  }

  private void startupChildren(long now) {
    int missing = config.startServers() - count(ProcessState.STARTING) - count(ProcessState.READY);
    if (missing > 0 && now - lastFailure < delay.nanos()) {
      return;
    }
    for (int slot = 0; slot < children.length && missing > 0 && failure == null; slot++) {
      if (children[slot] == null) {
        makeChild(slot, now);
        missing--;
      }
    }
  }

  private void makeChild(int slot, long now) {
    List<Integer> descriptors = new ArrayList<>(List.of(-1, 1, 2, -1, scoreboardFd, 1, 2));
    assert descriptors.size() == Descriptors.FIRST_LISTENER;
    listeners.forEach(listener -> descriptors.add(listener.fd()));
    SpawnRequest request =
        new SpawnRequest(
            command.executable(),
            command.arguments(config, slot),
            command.environment(config),
            descriptors,
            true);
    ControlMessage.Serve serve =
        new ControlMessage.Serve(
            slot, 0, applicationClass, config.toDirectives(), listeners.size());
    try {
      ChildProcess child = ChildProcess.spawn(os, request, serve, scoreboard.process(slot), now);
      children[slot] = child;
      watch(child.control().fd(), slot * 2L);
      watch(child.pidfd(), slot * 2L + 1);
      log.info("{} started", child);
    } catch (IOException e) {
      log.error("child {} could not be started", slot, e);
      noteFailure("child " + slot + " could not be started: " + e.getMessage(), now);
    }
  }

  private void watch(int fd, long data) throws IOException {
    int result = poller.add(fd, Poller.EPOLLIN, data);
    if (result < 0) {
      throw Errno.exception("could not watch a child", result);
    }
  }

  private void killLateStarters(long now) {
    long allowed = config.childStartTimeout().toNanos();
    for (ChildProcess child : children) {
      if (child != null
          && child.state() == ProcessState.STARTING
          && child.failure() == null
          && now - child.startedAt() > allowed) {
        String reason =
            child + " was not ready within ChildStartTimeout, " + config.childStartTimeout();
        log.error("{}", reason);
        child.failure(new ControlMessage.Failed(reason, ""));
        child.kill(Signals.KILL);
      }
    }
  }

  private int patience(long now) {
    long nanos = Long.MAX_VALUE;
    if (phase == Phase.STOPPING && stopDeadline != Long.MAX_VALUE) {
      nanos = stopDeadline - now;
    } else if (phase != Phase.STOPPING) {
      if (delay.nanos() > 0) {
        nanos = lastFailure + delay.nanos() - now;
        nanos = nanos < 0 ? Long.MAX_VALUE : nanos;
      }
      for (ChildProcess child : children) {
        if (child != null && child.state() == ProcessState.STARTING && child.failure() == null) {
          nanos = Math.min(nanos, child.startedAt() + config.childStartTimeout().toNanos() - now);
        }
      }
    }
    return nanos == Long.MAX_VALUE ? -1 : Math.clamp(nanos / 1_000_000 + 1, 1, Integer.MAX_VALUE);
  }

  private void handle(long data) {
    int slot = (int) (data / 2);
    ChildProcess child = children[slot];
    if (child == null) {
      return; // reaped by an earlier entry of the same batch
    }
    receive(child);
    if (data % 2 != 0) {
      reap(child);
    }
  }

  private void receive(ChildProcess child) {
    try {
      for (ControlMessage message : child.control().receive()) {
        note(child, message);
      }
    } catch (IOException e) {
      log.error("{} sent what cannot be understood and is killed", child, e);
      child.kill(Signals.KILL);
    }
    if (child.control().ended()) {
      poller.remove(child.control().fd()); // its exit follows
    }
  }

  private void note(ChildProcess child, ControlMessage message) {
    switch (message) {
      case ControlMessage.Ready _ -> {
        if (child.state() == ProcessState.STARTING) {
          child.state(ProcessState.READY);
          delay = RespawnDelay.NONE;
          log.info("{} ready", child);
        }
      }
      case ControlMessage.Failed failed -> {
        child.failure(failed);
        log.error("{} cannot serve: {}\n{}", child, failed.reason(), failed.trace());
      }
      case ControlMessage.Draining draining -> {
        child.state(ProcessState.DRAINING);
        log.info("{} draining: {}", child, draining.reason());
      }
      case ControlMessage.RecycleDue due -> {
        log.info("{} draining: {}", child, due.reason());
        child.drain();
      }
      case ControlMessage.ThreadDump dump -> log.info("threads of {}:\n{}", child, dump.text());
      case ControlMessage.Serve _,
          ControlMessage.Accept _,
          ControlMessage.Drain _,
          ControlMessage.DumpThreads _ ->
          log.error("{} sent a message that only a supervisor sends", child);
    }
  }

  private void reap(ChildProcess child) {
    ProcessState before = child.state();
    ExitStatus status = child.reap();
    children[child.slot()] = null;
    boolean expected =
        (before == ProcessState.DRAINING && status.equals(new ExitStatus.Exited(0)))
            || phase == Phase.STOPPING;
    if (expected) {
      log.info("{} ended: {}", child, status);
    } else {
      log.warn("{} ended: {}", child, status);
    }
    if (before == ProcessState.STARTING && phase != Phase.STOPPING) {
      ControlMessage.Failed failed = child.failure();
      noteFailure(
          failed == null
              ? child + " ended before it was ready: " + status
              : child + " cannot serve: " + failed.reason() + withTrace(failed.trace()),
          System.nanoTime());
    }
  }

  private static String withTrace(String trace) {
    return trace.isEmpty() ? "" : "\n" + trace.stripTrailing();
  }

  private void noteFailure(String reason, long now) {
    delay = delay.afterFailure();
    lastFailure = now;
    if (phase == Phase.STARTING) {
      failStart(reason, null);
    } else {
      log.warn("the next child is started in {} s", delay.nanos() / 1_000_000_000);
    }
  }

  private void failStart(String reason, @Nullable Throwable cause) {
    if (failure == null && started.getCount() > 0) {
      failure = new StartException(reason, cause);
    }
  }

  private void advanceStop(long now) {
    boolean immediate = wanted.get() == StopMode.IMMEDIATE || failure != null;
    if (!draining) {
      draining = true;
      long timeout = config.gracefulShutdownTimeout().toNanos();
      stopDeadline = timeout == 0 ? Long.MAX_VALUE : now + timeout;
      forEach(child -> {
        if (child.state() == ProcessState.STARTING) {
          child.kill(Signals.TERM); // it serves nobody yet
        } else {
          child.drain();
        }
      });
    }
    boolean late = stopDeadline != Long.MAX_VALUE && now - stopDeadline >= 0;
    if (!terminated && (immediate || late)) {
      terminated = true;
      stopDeadline = now + TERM_TO_KILL_NANOS;
      forEach(child -> child.kill(Signals.TERM));
    } else if (terminated && late) {
      stopDeadline = now + TERM_TO_KILL_NANOS;
      forEach(child -> {
        log.warn("{} is killed: it did not end", child);
        child.kill(Signals.KILL);
      });
    }
    if (Arrays.stream(children).allMatch(Objects::isNull)) {
      phase = Phase.STOPPED;
    }
  }

  private void endAll() {
    forEach(child -> child.kill(Signals.KILL));
    forEach(ChildProcess::reap);
    Arrays.fill(children, null);
    phase = Phase.STOPPED;
  }

  private int count(ProcessState state) {
    int count = 0;
    for (ChildProcess child : children) {
      if (child != null && child.state() == state) {
        count++;
      }
    }
    return count;
  }

  private void forEach(Consumer<ChildProcess> action) {
    for (ChildProcess child : children) {
      if (child != null) {
        action.accept(child);
      }
    }
  }
}
