package org.mpm4j.impl;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.child.Child;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Linux;
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
  private final Scoreboard scoreboard;
  private final Child child;
  private final Deque<AutoCloseable> resources;
  private final CountDownLatch stopped = new CountDownLatch(1);

  // guarded by this
  private boolean released;

  private InProcessMpm(
      MpmConfig config,
      List<SocketAddress> addresses,
      Scoreboard scoreboard,
      Child child,
      Deque<AutoCloseable> resources) {
    this.config = config;
    this.addresses = addresses;
    this.scoreboard = scoreboard;
    this.child = child;
    this.resources = resources;
  }

  static Mpm start(MpmConfig config, ServerApplication application) throws StartException {
    Syscalls os = Linux.open();
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    try {
      InProcessMpm mpm = open(os, config, application, resources);
      mpm.child.start();
      mpm.scoreboard.process(SLOT).state(ProcessState.READY);
      return mpm;
    } catch (Throwable e) {
      release(resources);
      throw new StartException(e instanceof IOException ? message(e) : failedToOpen(e), e);
    }
  }

  private static String message(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static String failedToOpen(Throwable e) {
    return e instanceof IllegalStateException ? message(e) : "the application failed to open: " + e;
  }

  private static InProcessMpm open(
      Syscalls os, MpmConfig config, ServerApplication application, Deque<AutoCloseable> resources)
      throws Exception {
    if (config.pidFile().isPresent()) {
      resources.push(PidFile.create(config.pidFile().get()));
    }
    List<Integer> descriptors = new ArrayList<>();
    List<SocketAddress> addresses = new ArrayList<>();
    for (SocketAddress address : config.listen()) {
      ListenSocket socket =
          ListenSocket.bind(
              os,
              address,
              config.listenBackLog(),
              config.deferAccept(),
              config.sendBufferSize(),
              config.receiveBufferSize());
      resources.push(socket);
      descriptors.add(socket.fd());
      addresses.add(socket.localAddress());
    }
    Scoreboard scoreboard = scoreboard(os, config, resources);
    scoreboard.process(SLOT).assign(os.getpid(), 0);
    Child.Identity identity = new Child.Identity(SLOT, 0, true, addresses);
    Child child = Child.open(os, config, application, identity, scoreboard, descriptors, _ -> {});
    return new InProcessMpm(config, List.copyOf(addresses), scoreboard, child, resources);
  }

  private static Scoreboard scoreboard(
      Syscalls os, MpmConfig config, Deque<AutoCloseable> resources) throws IOException {
    Scoreboard scoreboard;
    if (config.scoreBoardFile().isPresent()) {
      Path file = config.scoreBoardFile().get();
      Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
      resources.push(() -> Files.deleteIfExists(file));
      scoreboard = create(file, config, os);
    } else {
      int fd = os.memfdCreate("mpm4j-scoreboard");
      if (fd < 0) {
        throw Errno.exception("could not create a file in memory for the scoreboard", fd);
      }
      try {
        scoreboard = create(Path.of("/proc/self/fd/" + fd), config, os);
      } finally {
        os.close(fd); // the mapping keeps it
      }
    }
    resources.push(scoreboard);
    return scoreboard;
  }

  private static Scoreboard create(Path file, MpmConfig config, Syscalls os) throws IOException {
    return Scoreboard.create(file, config.model(), 1, config.threadsPerChild(), os.getpid());
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
      release(resources);
      stopped.countDown();
    }
  }

  private static void release(Deque<AutoCloseable> resources) {
    for (AutoCloseable resource; (resource = resources.poll()) != null; ) {
      try {
        resource.close();
      } catch (Exception e) {
        log.warn("could not release {}: {}", resource, e.toString());
      }
    }
  }
}
