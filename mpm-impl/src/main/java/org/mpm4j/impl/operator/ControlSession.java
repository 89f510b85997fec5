package org.mpm4j.impl.operator;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.Mpm;
import org.mpm4j.MpmStatus;
import org.mpm4j.StopMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client of the control socket: one request, one reply.
final class ControlSession {
  /*
   * Overview: the session's thread reads and writes. Work that takes long runs on a second thread, so
   * that the first can write what is heard meanwhile. The session lasts as long as its work, even if
   * the client is gone: who connects again and again cannot pile up work.
   *
   * Ownership: the channel belongs to the session's thread. Everything under `lock` is shared with
   * the work, with the thread that reports events, and with the one that closes the server.
   *
   * Shutdown: closing the server ends a wait for a request. A stop is answered then, since nothing
   * but this socket is left; other work has until then too.
   */

  private static final Logger log = LoggerFactory.getLogger(ControlSession.class);
  private static final int MOST_PROGRESS = 1000;
  private static final String STOP = "stop";
  private static final String STOPPED = ControlReply.ok("stopped");
  private static final String SERVER_STOPPED =
      ControlReply.failed(ControlReply.Code.UNAVAILABLE, "the server has stopped");

  private final Mpm mpm;
  private final SocketChannel channel;
  private final ControlPeers peers;
  private final Consumer<ControlSession> ended;
  private final Thread thread;

  private final Object lock = new Object();

  // guarded by lock
  private final ArrayDeque<String> progress = new ArrayDeque<>();
  private @Nullable String result;
  private boolean reading = true;
  private boolean serverClosed;

  /// @param channel the session's from now on
  /// @param ended called on the session's thread, as the last
  ControlSession(
      Mpm mpm, SocketChannel channel, ControlPeers peers, Consumer<ControlSession> ended) {
    this.mpm = mpm;
    this.channel = channel;
    this.peers = peers;
    this.ended = ended;
    this.thread = Thread.ofPlatform().daemon().name("mpm4j-control").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  Thread thread() {
    return thread;
  }

  /// An event happened, which is of interest to whoever waits for work.
  void heard(LifecycleEvent event) {
    if (event instanceof LifecycleEvent.ReloadEnded) {
      return; // the reply says it
    }
    synchronized (lock) {
      if (!reading && progress.size() < MOST_PROGRESS) {
        progress.add(event.toString().lines().findFirst().orElse(""));
        lock.notifyAll();
      }
    }
  }

  /// Nothing of the server is left but its control socket.
  void serverClosed() {
    synchronized (lock) {
      serverClosed = true;
      lock.notifyAll();
      if (reading) {
        thread.interrupt();
      }
    }
  }

  private void run() {
    try (ControlClientChannel client = ControlClientChannel.of(channel)) {
      if (!peers.allowed(channel)) {
        client.write(ControlReply.failed(ControlReply.Code.DENIED, "not your server"));
        return;
      }
      String line;
      try {
        line = client.readLine();
      } catch (ControlClientChannel.LineTooLongException _) {
        client.write(ControlReply.failed(ControlReply.Code.USAGE, "the line is too long"));
        return;
      }
      log.debug("control socket: {}", line);
      synchronized (lock) {
        reading = false;
      }
      answer(client, ControlCommand.parse(line));
    } catch (EOFException _) {
      // somebody looked whether the server lives
    } catch (IOException e) {
      log.debug("control socket: a client was given up", e);
    } catch (RuntimeException e) {
      log.warn("control socket: a client was given up", e);
    } finally {
      ended.accept(this);
    }
  }

  private void answer(ControlClientChannel client, ControlCommand command) throws IOException {
    switch (command) {
      case ControlCommand.Malformed it ->
          client.write(ControlReply.failed(ControlReply.Code.USAGE, it.why()));
      case ControlCommand.Status _ -> client.write(result(this::status));
      case ControlCommand.Scale it -> client.write(result(() -> scale(it.children())));
      case ControlCommand.BreakerReset _ -> client.write(result(this::resetBreaker));
      case ControlCommand.Threads it -> work(client, "threads", () -> threads(it.slot()));
      case ControlCommand.AllThreads _ -> work(client, "threads", this::allThreads);
      case ControlCommand.Reload _ -> work(client, "reload", () -> ControlReply.of(mpm.reload()));
      case ControlCommand.Restart _ ->
          work(client, "restart", () -> ControlReply.of(mpm.restart()));
      case ControlCommand.Stop it -> work(client, STOP, () -> stop(it.graceful()));
    }
  }

  private String status() {
    StringBuilder reply = new StringBuilder();
    StatusLines.of(mpm.status(), ProcessHandle.current().pid(), Instant.now())
        .forEach(line -> reply.append(ControlReply.data(line)));
    return reply.append(ControlReply.ok("done")).toString();
  }

  private String scale(int children) {
    try {
      mpm.scale(children);
    } catch (IllegalArgumentException e) {
      return ControlReply.failed(ControlReply.Code.USAGE, message(e));
    }
    return ControlReply.ok(
        children == 0 ? "the number of children follows the load" : "children: " + children);
  }

  private String resetBreaker() {
    mpm.resetBreaker();
    return ControlReply.ok("children may be started");
  }

  private String stop(boolean graceful) {
    mpm.stop(graceful ? StopMode.GRACEFUL : StopMode.IMMEDIATE);
    return STOPPED;
  }

  private String threads(int slot) throws IOException, InterruptedException {
    return dump(slot, mpm.threadDump(slot)) + ControlReply.ok("done");
  }

  private String allThreads() throws InterruptedException {
    StringBuilder reply = new StringBuilder();
    int answered = 0;
    for (MpmStatus.Child child : mpm.status().children()) {
      int slot = child.id().slot();
      try {
        reply.append(dump(slot, mpm.threadDump(slot)));
        answered++;
      } catch (IOException e) {
        reply.append(ControlReply.data("unavailable " + slot + " " + message(e)));
      }
    }
    return reply
        .append(
            answered > 0
                ? ControlReply.ok("done")
                : ControlReply.failed(ControlReply.Code.UNAVAILABLE, "no child answers"))
        .toString();
  }

  private static String dump(int slot, String text) {
    StringBuilder lines = new StringBuilder(ControlReply.data("child " + slot));
    text.lines().forEach(line -> lines.append(ControlReply.data("line " + line)));
    return lines.toString();
  }

  /// Does the work on a thread of its own and writes what is heard meanwhile.
  private void work(ControlClientChannel client, String name, Callable<String> work)
      throws IOException {
    var _ =
        Thread.ofPlatform().daemon().name("mpm4j-control-" + name).start(() -> done(result(work)));
    boolean gone = false;
    while (true) {
      List<String> lines = new ArrayList<>();
      boolean last = awaitLines(lines, name);
      try {
        if (!gone) {
          client.write(String.join("", lines));
        }
      } catch (IOException e) {
        log.debug("control socket: a client hung up during {}", name, e);
        gone = true;
      }
      if (last) {
        return;
      }
    }
  }

  private void done(String reply) {
    synchronized (lock) {
      result = reply;
      lock.notifyAll();
    }
  }

  /// Waits for something to write.
  ///
  /// @return whether the reply is complete with it
  private boolean awaitLines(List<String> lines, String name) throws IOException {
    synchronized (lock) {
      while (progress.isEmpty() && result == null && !serverClosed) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          throw new IOException("the server is closed", e);
        }
      }
      progress.forEach(line -> lines.add(ControlReply.progress(line)));
      progress.clear();
      if (result != null) {
        lines.add(result);
      } else if (serverClosed) {
        lines.add(name.equals(STOP) ? STOPPED : SERVER_STOPPED);
      }
      return result != null || serverClosed;
    }
  }

  /// The reply, also where there should be none.
  private static String result(Callable<String> work) {
    try {
      return work.call();
    } catch (UnsupportedOperationException e) {
      return ControlReply.failed(ControlReply.Code.UNSUPPORTED, message(e));
    } catch (IOException e) {
      return ControlReply.failed(ControlReply.Code.UNAVAILABLE, message(e));
    } catch (Exception e) {
      log.warn("control socket: a command failed", e);
      return ControlReply.failed(ControlReply.Code.FAILED, e.toString());
    }
  }

  private static String message(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
