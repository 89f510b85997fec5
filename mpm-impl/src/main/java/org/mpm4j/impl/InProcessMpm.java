package org.mpm4j.impl;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.mpm4j.LifecycleListener;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.child.Child;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;
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
  private final SignalHandlers signals;
  private final CountDownLatch stopped = new CountDownLatch(1);

  // guarded by this
  private boolean released;

  private InProcessMpm(
      Syscalls os,
      MpmConfig config,
      ServerApplication application,
      ServerResources resources,
      SignalHandlers signals)
      throws Exception {
    this.config = config;
    this.signals = signals;
    this.addresses = resources.addresses();
    this.resources = resources;
    Scoreboard scoreboard = resources.scoreboard();
    scoreboard.process(SLOT).assign(os.getpid(), 0);
    this.child =
        Child.open(
            os,
            config,
            application,
            new Child.Identity(SLOT, 0, true, addresses),
            scoreboard,
            resources.listeners().stream().map(ListenSocket::fd).toList(),
            _ -> {}); // in-process it never does
  }

  static Mpm start(Syscalls os, MpmConfig config, ServerApplication application, MpmOptions options)
      throws StartException {
    SignalHandlers signals = SignalHandlers.install(options);
    boolean started = false;
    ServerResources resources = null;
    try {
      resources = ServerResources.open(os, config);
      InProcessMpm mpm = new InProcessMpm(os, config, application, resources, signals);
      mpm.child.start();
      resources.scoreboard().process(SLOT).state(ProcessState.READY);
      started = true;
      signals.started(mpm);
      return mpm;
    } catch (StartException e) {
      throw e;
    } catch (IllegalStateException e) { // says it all: see Child.open
      throw new StartException(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    } catch (Throwable e) {
      throw new StartException(
          "application " + application.getClass().getName() + " failed to open: " + e, e);
    } finally {
      if (!started) {
        if (resources != null) {
          resources.close();
        }
        signals.close();
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
  public MpmStatus status() {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public ReloadVerdict reload(MpmConfig newConfig) {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public ReloadVerdict reload() {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public ReloadVerdict restart() {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public void scale(int children) {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public void resetBreaker() {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public String threadDump(int slot) {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public void addListener(LifecycleListener listener) {
    throw new UnsupportedOperationException("TODO");
  }

  @Override
  public void join() throws InterruptedException {
    stopped.await();
  }

  @Override
  public void stop(StopMode mode) {
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

  /// Lets the child serve out what it has, for as long as the configuration allows.
  ///
  /// @return false if the calling thread was interrupted
  private boolean drain() {
    child.drain();
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

  private synchronized void releaseAll() {
    if (!released) {
      released = true;
      child.close();
      resources.close();
      signals.close();
      stopped.countDown();
    }
  }
}
