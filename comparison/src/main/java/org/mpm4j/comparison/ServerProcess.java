package org.mpm4j.comparison;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// A server that has been started for this comparison. For one thread.
final class ServerProcess implements AutoCloseable {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final long LOOK_AGAIN_MILLIS = 50;

  private final Processes processes;
  private final Process process;
  private final ProcessTree tree;
  private final int port;
  private final RawAnswer answer;

  private ServerProcess(
      Processes processes, Process process, ProcessTree tree, int port, RawAnswer answer) {
    this.processes = processes;
    this.process = process;
    this.tree = tree;
    this.port = port;
    this.answer = answer;
  }

  /// Starts a server, and waits until it answers `/hello` and has its processes.
  ///
  /// @throws IOException if it ends, gives another answer, or takes more than two minutes; the
  ///   message has the end of what it wrote
  static ServerProcess start(Processes processes, Contender contender, Path folder, Path files)
      throws IOException, InterruptedException {
    Path run = Folders.make(folder.resolve(contender.word() + "-" + System.nanoTime()), true);
    Contender.Site site = new Contender.Site(freePort(), run, files);
    Path log = run.resolve("output.log");
    Process process =
        processes.start(
            new ProcessBuilder(contender.recipe().prepare(site))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile()));
    boolean started = false;
    try {
      ProcessTree tree = new ProcessTree(process.toHandle());
      RawAnswer answer = awaitStart(process, tree, contender.processes(), site.port());
      if (!answer.isHello()) {
        throw new IOException("answered /hello with " + answer);
      }
      started = true;
      return new ServerProcess(processes, process, tree, site.port(), answer);
    } catch (IOException e) {
      throw new IOException(
          contender.title() + " did not start: " + e.getMessage() + "; " + end(log), e);
    } finally {
      if (!started) {
        processes.end(process);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static RawAnswer awaitStart(Process process, ProcessTree tree, int count, int port)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    IOException last = new IOException("has fewer than " + count + " processes");
    while (process.isAlive() && System.nanoTime() - begun < START_NANOS) {
      try {
        if (tree.processes().size() >= count) {
          return RawAnswer.ask(port, "/hello");
        }
      } catch (IOException e) {
        last = e; // does not listen yet
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    throw process.isAlive() ? last : new IOException("ended with status " + process.exitValue());
  }

  /// The last lines of a log, in one.
  private static String end(Path log) throws IOException {
    String text = Files.exists(log) ? Files.readString(log).strip() : "";
    return text.substring(Math.max(0, text.length() - 600)).replace('\n', '|');
  }

  int port() {
    return port;
  }

  /// What it answered to the first request.
  RawAnswer answer() {
    return answer;
  }

  ProcessTree tree() {
    return tree;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// Ends it with all its processes.
  @Override
  public void close() {
    processes.end(process);
  }
}
