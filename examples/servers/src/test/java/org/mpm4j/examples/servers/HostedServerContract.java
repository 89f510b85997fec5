package org.mpm4j.examples.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ExitCause;
import org.mpm4j.HostedServer;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.ProcessPolicy;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.WorkerStatus;

/// What a whole server must do in the children of mpm4j. It answers as [Answers] does, over
/// HTTP/1.1, and reports its exchanges and, if it can, its connections.
@Timeout(240)
public abstract class HostedServerContract {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int CHILDREN = 2;
  private static final int THREADS = 8;
  private static final int CLIENTS = 6;

  private final Class<? extends HostedServer> server;
  private final Queue<LifecycleEvent> events = new ConcurrentLinkedQueue<>();

  @TempDir Path directory;

  /// @param server what the children run
  protected HostedServerContract(Class<? extends HostedServer> server) {
    this.server = server;
  }

  /// The configuration of all tests, for a server that needs more.
  ///
  /// @return a builder of its own each time
  protected MpmConfigBuilder config() {
    return MpmConfig.builder(ProcessModel.WORKER)
        .listen("127.0.0.1:0")
        .threadsPerChild(THREADS)
        .maxRequestWorkers(THREADS * CHILDREN)
        .processManager(ProcessPolicy.STATIC)
        .heartbeatTimeout(Duration.ZERO) // one test stops its children for a while
        .gracefulShutdownTimeout(Duration.ofSeconds(30))
        .childJvmOption("-XX:TieredStopAtLevel=1")
        .childJvmOption("-XX:+UseSerialGC");
  }

  /// Whether the server tells of its connections, not only of its requests.
  protected boolean reportsConnections() {
    return true;
  }

  private Mpm start() throws Exception {
    return Mpm.start(config().build(), server, MpmOptions.none().withListener(events::add));
  }

  private static InetSocketAddress address(Mpm mpm) {
    return (InetSocketAddress) mpm.addresses().getFirst();
  }

  /// Waits until something is so.
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() - end < 0, "not in time: " + what);
      Thread.sleep(5); // between two looks
    }
  }

  private static void awaitMoreAnswers(HttpLoad load) throws Exception {
    int before = load.answered();
    await("more answers than " + before, () -> load.answered() > before + 50 * CLIENTS);
  }

  /// The process that has given an answer of [Answers].
  static long pid(String answer) {
    return Long.parseLong(answer.substring(0, answer.indexOf(' ')));
  }

  private static void signal(String name, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start();
    assertEquals(0, kill.waitFor(), "kill -" + name + " " + pid);
  }

  private void assertDrained() {
    for (LifecycleEvent event : events) {
      if (event instanceof ChildExited exited) {
        assertEquals(ExitCause.DRAINED, exited.cause(), exited.toString());
      }
    }
  }

  @Test
  void losesOnlyWhatAKilledChildServed() throws Exception {
    try (Mpm mpm = start()) {
      List<HttpConnection> waiting = new ArrayList<>();
      long killed = killOneOfTheStopped(mpm, waiting);
      for (HttpConnection connection : waiting) {
        assertNotEquals(killed, pid(connection.answer()));
        connection.close();
      }
      awaitReplacement(mpm, killed);

      List<Long> before = mpm.children();
      killed = before.getFirst();
      HttpLoad load = new HttpLoad(address(mpm), CLIENTS);
      try (load) {
        await("answers of both children", () -> load.pids().containsAll(before));
        signal("KILL", killed);
        awaitReplacement(mpm, killed);
        awaitMoreAnswers(load);
      }
      // what a child was serving when it was killed is lost: one connection of each client
      assertTrue(load.failures.size() <= CLIENTS, load.failures.toString());
      assertFalse(load.failures.toString().contains("REFUSED"), load.failures.toString());
    }
  }

  /// Stops both children, so that all connections wait in the backlog, and lets one go on.
  private static long killOneOfTheStopped(Mpm mpm, List<HttpConnection> waiting) throws Exception {
    List<Long> pids = mpm.children();
    for (long pid : pids) {
      signal("STOP", pid);
    }
    for (int i = 0; i < 20; i++) {
      HttpConnection connection = new HttpConnection(address(mpm));
      connection.send("/");
      waiting.add(connection);
    }
    signal("KILL", pids.getFirst());
    await("its end", () -> !mpm.children().contains(pids.getFirst()));
    signal("CONT", pids.getLast());
    return pids.getFirst();
  }

  private static void awaitReplacement(Mpm mpm, long pid) throws Exception {
    await(
        "a child in its place",
        () -> mpm.children().size() == CHILDREN && !mpm.children().contains(pid));
  }

  @Test
  void losesNothingInAReload() throws Exception {
    Path go = directory.resolve("go");
    try (Mpm mpm = start();
        HttpConnection busy = new HttpConnection(address(mpm))) {
      busy.send("/await" + go);
      await("a request in progress", () -> mpm.status().busyWorkers() == 1);
      HttpLoad load = new HttpLoad(address(mpm), CLIENTS);
      try (load) {
        awaitMoreAnswers(load);
        ReloadVerdict verdict = mpm.reload();
        assertInstanceOf(ReloadVerdict.Succeeded.class, verdict, verdict.toString());
        awaitMoreAnswers(load);
        await(
            "the end of the other child of generation 0",
            () -> mpm.status().children().size() == CHILDREN + 1);
        Files.createFile(go);
        assertTrue(busy.answer().endsWith(" 0"));
        assertFalse(busy.kept());
        await("the end of generation 0", () -> mpm.status().children().size() == CHILDREN);
      }
      assertEquals(List.of(), List.copyOf(load.failures));
      assertDrained();
    }
  }

  @Test
  void countsItsRequestsAndEndsWithConnectionsThatAreIdle() throws Exception {
    Path go = directory.resolve("go");
    List<HttpConnection> connections = new ArrayList<>();
    try (Mpm mpm = start()) {
      for (int i = 0; i < 3; i++) {
        HttpConnection connection = new HttpConnection(address(mpm));
        connection.send("/await" + go);
        connections.add(connection);
      }
      String begin = "GET /await" + go;
      await(
          "three requests",
          () -> busy(mpm).filter(worker -> worker.request().startsWith(begin)).count() == 3);
      assertEquals(3, mpm.status().busyWorkers());
      busy(mpm)
          .forEach(worker -> assertTrue(worker.client().startsWith("127.0.0.1:"), worker.client()));
      assertEquals(reportsConnections() ? 3 : 0, connections(mpm));
      Files.createFile(go);
      for (HttpConnection connection : connections) {
        assertTrue(mpm.children().contains(pid(connection.answer())));
      }
      await("idle workers", () -> mpm.status().busyWorkers() == 0);
      await("three accesses", () -> mpm.status().totals().accesses() == 3);
      assertEquals(reportsConnections() ? 3 : 0, mpm.status().totals().accepted());
      connections.removeFirst().close();
      await("one connection less", () -> !reportsConnections() || connections(mpm) == 2);
    }
    assertDrained();
    for (HttpConnection connection : connections) {
      connection.close();
    }
  }

  private static Stream<MpmStatus.Worker> busy(Mpm mpm) {
    return mpm.status().children().stream()
        .flatMap(child -> child.threads().stream())
        .filter(worker -> worker.status() == WorkerStatus.BUSY_WRITE);
  }

  private static int connections(Mpm mpm) {
    return mpm.status().children().stream().mapToInt(MpmStatus.Child::connections).sum();
  }
}
