package org.mpm4j.impl;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.SocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.mpm4j.LifecycleListener;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.child.ChildMain;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.supervisor.MachineLimits;
import org.mpm4j.impl.supervisor.Supervisor;

/// A server whose children are processes.
final class ForkedMpm implements Mpm {
  private final MpmConfig config;
  private final ServerResources resources;
  private final Supervisor supervisor;
  private final SignalHandlers signals;
  private final List<SocketAddress> addresses;

  // guarded by this; false from before the resources are given back
  private boolean open = true;

  private ForkedMpm(
      MpmConfig config, ServerResources resources, Supervisor supervisor, SignalHandlers signals) {
    this.config = config;
    this.signals = signals;
    this.resources = resources;
    this.supervisor = supervisor;
    this.addresses = resources.addresses();
  }

  static ForkedMpm start(
      Syscalls os,
      MpmConfig config,
      MachineLimits machine,
      Class<? extends ServerApplication> application,
      MpmOptions options)
      throws StartException {
    refuseUnusable(application);
    SignalHandlers signals = SignalHandlers.install(options);
    ServerResources resources = null;
    boolean started = false;
    try {
      resources = ServerResources.open(os, config);
      Supervisor supervisor =
          new Supervisor(
              os,
              config,
              machine,
              application,
              ChildMain.class.getName(), // a name: supervisor and child know nothing of each other
              resources.listeners(),
              resources.scoreboard(),
              resources.scoreboardFd());
      ForkedMpm mpm = new ForkedMpm(config, resources, supervisor, signals);
      mpm.startChildren();
      started = true;
      signals.started(mpm);
      return mpm;
    } catch (IOException e) {
      throw ServerResources.startException(e);
    } finally {
      if (!started) {
        if (resources != null) {
          resources.close();
        }
        signals.close();
      }
    }
  }

  private void startChildren() throws StartException {
    try {
      supervisor.start();
    } catch (InterruptedException e) {
      supervisor.requestStop(StopMode.IMMEDIATE);
      awaitStoppedUninterruptibly();
      Thread.currentThread().interrupt();
      throw new StartException("interrupted before the children were ready", e);
    }
  }

  private static void refuseUnusable(Class<? extends ServerApplication> application)
      throws StartException {
    String name = application.getName();
    if (!Modifier.isPublic(application.getModifiers())
        || application.getCanonicalName() == null
        || application.isInterface()
        || Modifier.isAbstract(application.getModifiers())) {
      throw new StartException(
          name + " cannot be built in a child: it must be a public class that is not abstract",
          null);
    }
    try {
      var _ = application.getConstructor();
    } catch (NoSuchMethodException e) {
      throw new StartException(
          name + " cannot be built in a child: it needs a public constructor without parameters",
          e);
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
  public synchronized List<Long> children() {
    if (!open) {
      return List.of();
    }
    return IntStream.range(0, resources.scoreboard().serverLimit())
        .mapToObj(resources.scoreboard()::process)
        .filter(score -> score.state() == ProcessState.READY)
        .map(ProcessScore::pid)
        .map(Integer::longValue)
        .toList();
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
    supervisor.awaitStopped();
    release();
  }

  @Override
  public void stop(StopMode mode) {
    supervisor.requestStop(mode);
    awaitStoppedUninterruptibly();
    release();
  }

  /// Waits; an interrupt makes the stop immediate and is kept.
  private void awaitStoppedUninterruptibly() {
    boolean interrupted = false;
    while (true) {
      try {
        supervisor.awaitStopped();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
        supervisor.requestStop(StopMode.IMMEDIATE);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void release() {
    if (open) {
      open = false;
      resources.close();
      signals.close();
    }
  }
}
