package org.mpm4j.impl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.StartException;
import org.mpm4j.impl.os.ActivationSockets;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.Scoreboard;
import org.mpm4j.impl.supervisor.ListenerTable;
import org.mpm4j.impl.supervisor.Supervisor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a server owns beside its children: the pid file, the listening sockets, the scoreboard.
final class ServerResources implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerResources.class);

  // the scoreboard is sparse: room that no reload uses costs nothing
  private static final int LEAST_SLOTS = 1024;
  private static final int LEAST_THREADS = 64;

  private final Syscalls os;
  private @Nullable PidFile pidFile;
  private final ListenerTable listeners;
  private @Nullable Path scoreBoardFile;
  private int scoreboardFd = -1;
  private @Nullable Scoreboard scoreboard;

  private ServerResources(Syscalls os, ActivationSockets activation) {
    this.os = os;
    this.listeners = new ListenerTable(os, activation);
  }

  /// Takes everything that `config` names, but the listening sockets, or nothing.
  ///
  /// @throws StartException with the reason in words
  static ServerResources open(Syscalls os, MpmConfig config, MpmOptions options)
      throws StartException {
    ServerResources resources;
    try {
      ActivationSockets activation =
          ActivationSockets.of(os, options.systemd() ? System.getenv() : Map.of());
      resources = new ServerResources(os, activation);
    } catch (IOException e) {
      throw startException(e);
    }
    try {
      resources.take(config);
      return resources;
    } catch (IOException e) {
      resources.close();
      throw startException(e);
    } catch (Throwable e) {
      resources.close();
      throw e;
    }
  }

  /// The exception for a start that failed with `reason`.
  static StartException startException(IOException reason) {
    return reason instanceof StartException start
        ? start
        : new StartException(
            Objects.requireNonNullElse(reason.getMessage(), reason.toString()), reason);
  }

  private void take(MpmConfig config) throws IOException {
    if (config.pidFile().isPresent()) {
      pidFile = PidFile.create(config.pidFile().get(), os.getpid());
    }
    Path file;
    if (config.scoreBoardFile().isPresent()) {
      file = config.scoreBoardFile().get().toAbsolutePath();
      Files.deleteIfExists(file); // what a server that was killed has left; its mapping lives on
      Files.createFile(file);
      scoreBoardFile = file;
      scoreboardFd = os.open(file.toString());
    } else {
      scoreboardFd = os.memfdCreate("mpm4j-scoreboard");
      file = Path.of("/proc/self/fd/" + scoreboardFd);
    }
    if (scoreboardFd < 0) {
      throw Errno.exception("could not open the scoreboard", scoreboardFd);
    }
    scoreboard =
        Scoreboard.create(
            file,
            config.model(),
            Math.max(LEAST_SLOTS, Supervisor.GENERATIONS * config.serverLimit()),
            Math.max(LEAST_THREADS, config.threadLimit()),
            os.getpid());
  }

  /// The listening sockets: none yet; whoever serves opens them.
  ListenerTable listeners() {
    return listeners;
  }

  Scoreboard scoreboard() {
    Scoreboard open = scoreboard;
    if (open == null) {
      throw new IllegalStateException("closed");
    }
    return open;
  }

  /// A descriptor of the scoreboard's file, for children to inherit.
  int scoreboardFd() {
    return scoreboardFd;
  }

  /// Gives everything back, in reverse order. Idempotent; no child may be left.
  @Override
  public void close() {
    if (scoreboard != null) {
      scoreboard.close();
      scoreboard = null;
    }
    if (scoreboardFd >= 0) {
      os.close(scoreboardFd);
      scoreboardFd = -1;
    }
    if (scoreBoardFile != null) {
      delete(scoreBoardFile);
      scoreBoardFile = null;
    }
    listeners.close();
    if (pidFile != null) {
      pidFile.close();
      pidFile = null;
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.warn("could not remove {}", file, e);
    }
  }
}
