package org.mpm4j.impl.child;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.MpmConfig;
import org.mpm4j.impl.os.ListenerChannels;
import org.mpm4j.impl.os.PollSet;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A child whose server accepts by itself.
final class HostedChild implements Child {
  /*
   * Overview: the server starts in open(). Its drain is called by run(), on the child's main thread; in a
   * process that is the one that opened it, in-process it is a thread that start() makes. All that others
   * do is to open `drainAsked`, whence run() does the rest and opens `ended`.
   *
   * Memory ordering: `backlogToo` and `terminated` are written before the latch opens, `draining` is
   * volatile because servers and the monitor ask for it. Asking twice changes nothing: the first one is told
   * by `draining`, under the lock.
   *
   * Shutdown: drain() and terminate() may come late, and touch nothing that close() releases.
   */

  private static final Logger log = LoggerFactory.getLogger(HostedChild.class);

  /// How long a server at most goes on accepting, in a drain, what nobody else will.
  private static final Duration BACKLOG_LIMIT = Duration.ofSeconds(10);

  private static final long BACKLOG_LOOK_MILLIS = 5;

  private final Syscalls os;
  private final MpmConfig config;
  private final HostedServer server;
  private final Identity identity;
  private final ProcessScore score;
  private final HostedLoad load;
  private final HostedWorkers workers;
  private final List<HostedListener> listeners;
  private final Pulse pulse;
  private final CountDownLatch drainAsked = new CountDownLatch(1);
  private final CountDownLatch terminateAsked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  // any thread
  private volatile boolean draining;

  // guarded by this
  private boolean backlogToo;
  private boolean closed;
  private @Nullable Thread main;

  private HostedChild(
      Syscalls os,
      MpmConfig config,
      HostedServer server,
      Identity identity,
      ProcessScore score,
      List<Integer> listenDescriptors,
      Owner owner) {
    this.os = os;
    this.config = config;
    this.server = server;
    this.identity = identity;
    this.score = score;
    this.load = new HostedLoad(score, config.threadsPerChild(), System::nanoTime, () -> draining);
    this.workers = new HostedWorkers(config.threadsPerChild(), load);
    this.listeners = new ArrayList<>();
    for (int i = 0; i < listenDescriptors.size(); i++) {
      listeners.add(new HostedListener(os, listenDescriptors.get(i), identity.addresses().get(i)));
    }
    Recycling recycling =
        identity.inProcess()
            ? Recycling.NEVER
            : Recycling.of(config, ThreadLocalRandom.current().nextDouble());
    HostedMonitor monitor =
        new HostedMonitor(
            score,
            load,
            listeners,
            () -> draining,
            recycling,
            config.maxConnectionsPerChild(),
            owner);
    this.pulse = new Pulse(Monitor.LONGEST_TICK, System::nanoTime, monitor::tick);
  }

  /// Starts the server: it accepts when this returns.
  ///
  /// @param listenDescriptors non-blocking listening sockets, which stay the caller's
  /// @param owner whom to tell when the process should be replaced
  /// @throws IllegalStateException if this JVM cannot make channels of them
  /// @throws Exception what [HostedServer#start] threw
  static HostedChild open(
      Syscalls os,
      MpmConfig config,
      HostedServer server,
      Identity identity,
      Scoreboard scoreboard,
      List<Integer> listenDescriptors,
      Owner owner)
      throws Exception {
    String obstacle = ListenerChannels.obstacle();
    if (!obstacle.isEmpty()) {
      throw new IllegalStateException(
          "HostedServer " + server.getClass().getName() + " cannot run here: " + obstacle);
    }
    HostedChild child =
        new HostedChild(
            os,
            config,
            server,
            identity,
            scoreboard.process(identity.slot()),
            listenDescriptors,
            owner);
    try {
      server.start(
          new HostedContext(
              config,
              identity,
              () -> child.draining,
              scoreboard,
              child.listeners,
              child.load,
              child.workers));
    } catch (Throwable e) {
      child.workers.close();
      child.load.close();
      child.listeners.forEach(HostedListener::closeChannels);
      throw e;
    }
    child.warnOfUnopened();
    return child;
  }

  private void warnOfUnopened() {
    for (HostedListener listener : listeners) {
      if (!listener.everOpened()) {
        log.warn(
            "HostedServer.start of {} returned without opening the listener {}: nobody accepts"
                + " there in this child",
            server.getClass().getName(),
            listener);
      }
    }
  }

  @Override
  public void start() {
    score.accepting(true);
    pulse.start();
    if (identity.inProcess()) {
      Thread thread = Thread.ofPlatform().name("mpm-main").unstarted(this::runInProcess);
      synchronized (this) {
        main = thread;
      }
      thread.start();
    }
  }

  private void runInProcess() {
    try {
      run();
    } catch (InterruptedException _) {
      // run() has ended all the same
    }
  }

  @Override
  public void run() throws InterruptedException {
    try {
      drainAsked.await();
      if (takesBacklog()) {
        awaitEmptyBacklog();
      }
      if (terminateAsked.getCount() > 0) {
        server.drain();
        int left = load.exchanges();
        if (left > 0) {
          log.warn("HostedServer.drain returned with {} exchanges in progress", left);
        }
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | Error e) {
      log.error("HostedServer.drain of {} failed", server.getClass().getName(), e);
    } finally {
      ended.countDown();
    }
  }

  private synchronized boolean takesBacklog() {
    return backlogToo;
  }

  /// Lets the server accept what nobody else will.
  private void awaitEmptyBacklog() throws InterruptedException {
    long most = BACKLOG_LIMIT.toNanos();
    if (!config.gracefulShutdownTimeout().isZero()) {
      most = Math.min(most, config.gracefulShutdownTimeout().toNanos() / 2);
    }
    long begun = System.nanoTime();
    List<HostedListener> open = listeners.stream().filter(HostedListener::open).toList();
    try (PollSet set = new PollSet(Math.max(1, open.size()))) {
      for (int i = 0; i < open.size(); i++) {
        set.set(i, open.get(i).fd(), PollSet.POLLIN);
      }
      while (!open.isEmpty() && os.poll(set, 0) > 0) {
        if (System.nanoTime() - begun >= most) {
          log.warn("the server has not accepted all that waits; it drains all the same");
          return;
        }
        if (terminateAsked.await(BACKLOG_LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    }
  }

  @Override
  public void accepting(boolean accepting) {
    if (!draining) {
      score.accepting(accepting); // the server goes on: it knows nothing of its siblings
    }
  }

  @Override
  public synchronized void drain(boolean withBacklog) {
    if (!closed && !draining) {
      backlogToo = withBacklog;
      draining = true;
      score.accepting(false);
      drainAsked.countDown();
    }
  }

  @Override
  public synchronized void terminate() {
    if (!closed) {
      draining = true;
      terminateAsked.countDown();
      drainAsked.countDown();
      if (main != null) {
        main.interrupt();
      }
    }
  }

  @Override
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    if (timeout.compareTo(Duration.ZERO) > 0) {
      return ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
    ended.await();
    return true;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    pulse.close();
    Child.close(server);
    listeners.forEach(HostedListener::closeChannels);
    workers.close();
    load.close();
  }
}
