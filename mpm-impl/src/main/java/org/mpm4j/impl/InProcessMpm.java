package org.mpm4j.impl;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildApplication;
import org.mpm4j.HostedServer;
import org.mpm4j.LifecycleListener;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.child.Child;
import org.mpm4j.impl.child.ThreadPrint;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.ProcessInfo;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.mpm4j.impl.scoreboard.ServerScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One child in the caller's JVM (httpd's `-X`).
final class InProcessMpm implements Mpm {
  /*
   * Overview: start acquires pid file, listening sockets, scoreboard and child, in this order; the end
   * releases them in reverse.
   *
   * Shutdown: stop() tells the child and waits for it; whoever sees its end first takes the lock and
   * releases everything, so several threads may stop at once and an immediate stop overtakes a graceful
   * one. `stopped` opens when nothing is left.
   */

  private static final Logger log = LoggerFactory.getLogger(InProcessMpm.class);

  /// How long an interrupted handler may take to return before the stop goes on without it.
  private static final Duration STUCK = Duration.ofSeconds(10);

  private static final int SLOT = 0;

  private final MpmConfig config;
  private final List<SocketAddress> addresses;
  private final Child child;
  private final ServerResources resources;
  private final OperatorAccess operators;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  // guarded by this; set before the resources are given back
  private @Nullable MpmStatus last;

  private InProcessMpm(
      Syscalls os,
      MpmConfig config,
      ChildApplication application,
      ServerResources resources,
      OperatorAccess operators)
      throws Exception {
    this.operators = operators;
    this.config = config;
    List<ListenSocket> listeners = resources.listeners().open(config);
    this.addresses = listeners.stream().map(ListenSocket::localAddress).toList();
    this.resources = resources;
    Scoreboard scoreboard = resources.scoreboard();
    scoreboard.slotsInUse(SLOT + 1);
    scoreboard.process(SLOT).assign(os.getpid(), 0, config.threadsPerChild(), System.nanoTime());
    this.child =
        Child.open(
            os,
            config,
            application,
            new Child.Identity(SLOT, 0, true, addresses),
            scoreboard,
            listeners.stream().map(ListenSocket::fd).toList(),
            Child.NOBODY);
  }

  static Mpm start(Syscalls os, MpmConfig config, ChildApplication application, MpmOptions options)
      throws StartException {
    OperatorAccess operators = OperatorAccess.prepare(options);
    ServerResources resources = null;
    boolean started = false;
    try {
      resources = ServerResources.open(os, config, options);
      InProcessMpm mpm = new InProcessMpm(os, config, application, resources, operators);
      operators.open(mpm, config.controlSocket());
      mpm.child.start();
      mpm.publish(Phase.RUNNING, ProcessState.READY, "");
      started = true;
      operators.started(mpm);
      return mpm;
    } catch (IOException e) {
      throw ServerResources.startException(e);
    } catch (IllegalStateException e) { // says it all: see Child.open
      throw new StartException(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    } catch (Throwable e) {
      throw new StartException(
          "application "
              + application.getClass().getName()
              + (application instanceof HostedServer ? " failed to start: " : " failed to open: ")
              + e,
          e);
    } finally {
      if (!started) {
        if (resources != null) {
          resources.close();
        }
        operators.close();
      }
    }
  }

  @Override
  public MpmConfig config() {
    return config;
  }

  @Override
  public List<SocketAddress> addresses() {
    return addresses;
  }

  @Override
  public List<Long> children() {
    return stopped.getCount() == 0 ? List.of() : List.of(ProcessHandle.current().pid());
  }

  @Override
  public synchronized MpmStatus status() {
    return last == null ? resources.scoreboard().status() : last;
  }

  private void publish(Phase phase, ProcessState state, String why) {
    Scoreboard scoreboard = resources.scoreboard();
    scoreboard.process(SLOT).state(state, why);
    ProcessInfo.read((int) ProcessHandle.current().pid())
        .ifPresent(seen -> scoreboard.process(SLOT).residentBytes(seen.residentBytes()));
    Breaker breaker = new Breaker(BreakerState.CLOSED, 0, Duration.ZERO, "");
    scoreboard
        .server()
        .publish(
            new ServerScore.Facts(config.model(), 0, phase, 1, 0, breaker, Optional.empty()),
            System.nanoTime());
  }

  @Override
  public ReloadVerdict reload(MpmConfig newConfig) {
    throw nothingToReplace();
  }

  @Override
  public ReloadVerdict reload() {
    throw nothingToReplace();
  }

  @Override
  public ReloadVerdict restart() {
    throw nothingToReplace();
  }

  @Override
  public void scale(int children) {
    throw nothingToReplace();
  }

  private static UnsupportedOperationException nothingToReplace() {
    return new UnsupportedOperationException(
        "an in-process server has no children to start or replace: start it with Mpm.start");
  }

  @Override
  public void resetBreaker() {} // no child, no breaker

  @Override
  public String threadDump(int slot) throws IOException {
    if (slot != SLOT) {
      throw new IOException("there is no child in slot " + slot);
    }
    return ThreadPrint.text();
  }

  @Override
  public void addListener(LifecycleListener listener) {} // nothing of a child's life happens here

  @Override
  public void join() throws InterruptedException {
    released.await(); // not before everybody has heard of the stop: the caller may end the JVM
  }

  @Override
  public void stop(StopMode mode) {
    publishStop();
    boolean interrupted = mode == StopMode.GRACEFUL && !drain();
    if (mode == StopMode.IMMEDIATE || interrupted) {
      child.terminate();
    }
    boolean ended = false;
    while (stopped.getCount() > 0 && !ended) {
      try {
        ended = child.awaitTermination(STUCK);
        if (!ended) {
          log.error("a handler does not return although it was interrupted; still waiting for it");
          child.terminate();
        }
      } catch (InterruptedException _) {
        interrupted = true;
        child.terminate();
      }
    }
    releaseAll();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void publishStop() {
    if (last == null) {
      publish(Phase.STOPPING, ProcessState.DRAINING, "stop");
    }
  }

  /// Lets the child serve out what it has, for as long as the configuration allows.
  ///
  /// @return false if the calling thread was interrupted
  private boolean drain() {
    child.drain(true);
    try {
      if (!child.awaitTermination(config.gracefulShutdownTimeout())) {
        log.warn("not done after {}: cutting off what is left", config.gracefulShutdownTimeout());
        child.terminate();
      }
      return true;
    } catch (InterruptedException _) {
      return false;
    }
  }

  private void releaseAll() {
    boolean first;
    synchronized (this) {
      first = last == null;
      if (first) {
        child.close();
        resources.scoreboard().process(SLOT).free("stopped");
        last = resources.scoreboard().status();
        resources.close();
        stopped.countDown();
      }
    }
    if (first) {
      try {
        operators.close();
      } finally {
        released.countDown();
      }
    }
  }
}
