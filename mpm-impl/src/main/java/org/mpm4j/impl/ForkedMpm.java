package org.mpm4j.impl;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildApplication;
import org.mpm4j.ConfigException;
import org.mpm4j.LifecycleListener;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.child.ChildMain;
import org.mpm4j.impl.os.Credentials;
import org.mpm4j.impl.os.ServiceNotifier;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.supervisor.MachineLimits;
import org.mpm4j.impl.supervisor.Supervisor;

/// A server whose children are processes.
final class ForkedMpm implements Mpm {
  private static final long DUMP_SECONDS = 10;
  private static final long RELEASE_SECONDS = 30;

  private final MpmOptions options;
  private final ServerResources resources;
  private final Supervisor supervisor;
  private final OperatorAccess operators;
  private final CountDownLatch released = new CountDownLatch(1);

  // guarded by this; set before the resources are given back
  private @Nullable MpmStatus last;

  private ForkedMpm(
      MpmOptions options,
      ServerResources resources,
      Supervisor supervisor,
      OperatorAccess operators) {
    this.options = options;
    this.operators = operators;
    this.resources = resources;
    this.supervisor = supervisor;
  }

  static ForkedMpm start(
      Syscalls os,
      MpmConfig config,
      MachineLimits machine,
      Class<? extends ChildApplication> application,
      MpmOptions options)
      throws StartException {
    refuseUnusable(application);
    OperatorAccess operators = OperatorAccess.prepare(options);
    ServerResources resources = null;
    boolean started = false;
    try {
      var _ = Credentials.resolve(os, config.user(), config.group()); // each child does it again
      resources = ServerResources.open(os, config, options);
      Supervisor.Ground ground =
          new Supervisor.Ground(
              machine,
              application,
              ChildMain.class.getName(), // a name: supervisor and child know nothing of each other
              resources.listeners(),
              resources.scoreboard(),
              resources.scoreboardFd(),
              ServiceNotifier.of(os, options.systemd() ? System.getenv() : Map.of()));
      Supervisor supervisor = new Supervisor(os, config, ground, options.listeners());
      ForkedMpm mpm = new ForkedMpm(options, resources, supervisor, operators);
      operators.open(mpm, config.controlSocket());
      mpm.startChildren();
      started = true;
      operators.started(mpm);
      return mpm;
    } catch (IOException e) {
      throw ServerResources.startException(e);
    } finally {
      if (!started) {
        if (resources != null) {
          resources.close();
        }
        operators.close();
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

  private static void refuseUnusable(Class<? extends ChildApplication> application)
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

  // ---- what there is ----

  @Override
  public MpmConfig config() {
    return supervisor.view().config();
  }

  @Override
  public List<SocketAddress> addresses() {
    return supervisor.view().addresses();
  }

  @Override
  public List<Long> children() {
    return supervisor.view().children().stream()
        .filter(child -> child.state() == MpmStatus.State.READY)
        .map(child -> (long) child.id().pid())
        .toList();
  }

  @Override
  public synchronized MpmStatus status() {
    return last == null ? resources.scoreboard().status() : last;
  }

  @Override
  public String threadDump(int slot) throws IOException, InterruptedException {
    try {
      return supervisor.requestThreadDump(slot).get(DUMP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new IOException(Objects.requireNonNullElse(cause.getMessage(), cause.toString()), e);
    } catch (TimeoutException _) {
      throw new IOException(
          "the child in slot " + slot + " does not answer within " + DUMP_SECONDS + " s");
    }
  }

  @Override
  public void addListener(LifecycleListener listener) {
    supervisor.addListener(listener);
  }

  // ---- what is to change ----

  @Override
  public ReloadVerdict reload(MpmConfig config) throws InterruptedException {
    return await(supervisor.requestReload(config, false));
  }

  @Override
  public ReloadVerdict reload() throws InterruptedException {
    return withNewConfig(false);
  }

  @Override
  public ReloadVerdict restart() throws InterruptedException {
    return withNewConfig(true);
  }

  private ReloadVerdict withNewConfig(boolean hard) throws InterruptedException {
    MpmConfig config;
    try {
      config = options.configSource().isPresent() ? options.configSource().get().read() : config();
    } catch (ConfigException e) {
      return await(supervisor.refuseReload(String.valueOf(e.getMessage())));
    }
    return await(supervisor.requestReload(config, hard));
  }

  private static ReloadVerdict await(CompletableFuture<ReloadVerdict> verdict)
      throws InterruptedException {
    try {
      return verdict.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void scale(int children) {
    int limit = config().childLimit();
    if (children < 0 || children > limit) {
      throw new IllegalArgumentException(
          "the number of children must be 1 to "
              + limit
              + ", or 0 to follow the load; was "
              + children);
    }
    supervisor.requestScale(children);
  }

  @Override
  public void resetBreaker() {
    supervisor.requestBreakerReset();
  }

  // ---- the end ----

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

  private void release() {
    boolean first;
    synchronized (this) {
      first = last == null;
      if (first) {
        last = resources.scoreboard().status();
        resources.close();
      }
    }
    if (first) {
      try {
        operators.close();
      } finally {
        released.countDown();
      }
    } else {
      awaitReleased();
    }
  }

  /// Who returns from a stop may end the JVM: not before everybody has heard of the stop who asked
  /// for it.
  private void awaitReleased() {
    try {
      var _ = released.await(RELEASE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
