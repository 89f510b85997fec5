package org.mpm4j.impl.operator;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Mpm;
import org.mpm4j.StartException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control socket of a server: takes commands from its user and from root, as
/// docs/control-protocol.md says.
///
/// It is to be closed last, when nothing else of the server is left: that is when whoever asked for
/// a stop is told that it is done.
public final class ControlServer implements AutoCloseable {
  /*
   * Overview: one thread accepts; each client has a thread of its own, and all its waits are bounded,
   * so that a slow or dead one disturbs nobody. More clients than MOST_CLIENTS wait in the backlog.
   *
   * Ownership: a channel belongs to the accepting thread until it is given to a session. `sessions`
   * has exactly those whose thread is started and has not ended.
   *
   * Shutdown: close() ends the accepting thread first, so no session is added behind its back; then it
   * tells the sessions, and waits for their last words.
   */

  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);
  private static final int MOST_CLIENTS = 16;

  /// How long clients may take over the last words.
  private static final Duration LAST_WORDS = Duration.ofSeconds(3);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final Mpm mpm;
  private final ServerSocketChannel listener;
  private final ControlPath path;
  private final ControlPeers peers;
  private final Thread acceptor;
  private final Set<ControlSession> sessions = ConcurrentHashMap.newKeySet();
  private final Semaphore free = new Semaphore(MOST_CLIENTS);
  private final CountDownLatch closing = new CountDownLatch(1);

  private ControlServer(
      Mpm mpm, ServerSocketChannel listener, ControlPath path, ControlPeers peers) {
    this.mpm = mpm;
    this.listener = listener;
    this.path = path;
    this.peers = peers;
    this.acceptor =
        Thread.ofPlatform().daemon().name("mpm4j-control-accept").unstarted(this::accept);
  }

  /// Opens the socket at `path`, for its owner and nobody else. A path at which nobody listens any
  /// more is taken over.
  ///
  /// @param mpm what the commands are for; its methods are called on threads of this server, and
  ///   one listener is added to it
  /// @throws StartException if a live server listens there, or it cannot be made; the message names
  ///   the path
  public static ControlServer open(Path path, Mpm mpm) throws StartException {
    ServerSocketChannel listener = null;
    ControlPath bound = null;
    boolean opened = false;
    try {
      listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      bound = ControlPath.bind(listener, path);
      ControlServer server =
          new ControlServer(mpm, listener, bound, ControlPeers.ofOwner(bound.path()));
      mpm.addListener(event -> server.sessions.forEach(session -> session.heard(event)));
      server.acceptor.start();
      opened = true;
      return server;
    } catch (StartException e) {
      throw e;
    } catch (IOException e) {
      throw new StartException("control socket " + path + ": " + e, e);
    } finally {
      if (!opened) {
        release(listener, bound);
      }
    }
  }

  private void accept() {
    while (closing.getCount() > 0) {
      try {
        free.acquire();
        boolean served = false;
        try {
          serve(listener.accept());
          served = true;
        } finally {
          if (!served) {
            free.release();
          }
        }
      } catch (InterruptedException _) {
        return; // nobody does
      } catch (IOException e) {
        if (closing.getCount() > 0) {
          log.warn("control socket: could not accept", e);
          pause();
        }
      }
    }
  }

  /// Where descriptors have run out, trying again at once would only spin.
  private void pause() {
    try {
      var _ = closing.await(AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel channel) {
    ControlSession session =
        new ControlSession(
            mpm,
            channel,
            peers,
            ended -> {
              sessions.remove(ended);
              free.release();
            });
    sessions.add(session);
    session.start();
  }

  /// Removes the socket and answers whoever waits for a stop; waits until they have their answer,
  /// for some seconds at most. Idempotent.
  @Override
  public synchronized void close() {
    if (closing.getCount() == 0) {
      return;
    }
    closing.countDown();
    free.release(); // not an interrupt, which could leak what is being accepted
    release(listener, path);
    boolean interrupted = !join(acceptor, LAST_WORDS);
    sessions.forEach(ControlSession::serverClosed);
    long deadline = System.nanoTime() + LAST_WORDS.toNanos();
    for (ControlSession session : sessions) {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      interrupted = interrupted || !join(session.thread(), left);
      session.thread().interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void release(@Nullable ServerSocketChannel listener, @Nullable ControlPath path) {
    if (path != null) {
      path.delete();
    }
    try {
      if (listener != null) {
        listener.close();
      }
    } catch (IOException e) {
      log.warn("control socket: could not close", e);
    }
  }

  /// @return false if this thread was interrupted
  private static boolean join(Thread thread, Duration atMost) {
    try {
      var _ = thread.join(atMost);
      return true;
    } catch (InterruptedException _) {
      return false;
    }
  }
}
