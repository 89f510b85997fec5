package org.mpm4j.examples.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
/// HTTP/1.1, and reports its connections and exchanges.
@Timeout(120)
public abstract class HostedServerContract {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
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

  private Mpm start() throws Exception {
    return Mpm.start(config().build(), server, MpmOptions.none().withListener(events::add));
  }

  private static InetSocketAddress address(Mpm mpm) {
    return (InetSocketAddress) mpm.addresses().getFirst();
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
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

  private static long pid(String answer) {
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
  void servesWithTwoChildrenAndLosesOnlyWhatAKilledOneServed() throws Exception {
    try (Mpm mpm = start()) {
      List<Long> before = mpm.children();
      long killed = before.getFirst();
      HttpLoad load = new HttpLoad(address(mpm), CLIENTS);
      try (load) {
        await("answers of both children", () -> load.pids().containsAll(before));
        signal("KILL", killed);
        await(
            "a child in its place",
            () -> mpm.children().size() == CHILDREN && !mpm.children().contains(killed));
        awaitMoreAnswers(load);
      }
      // what a child was serving when it was killed is lost: one connection of each client
      assertTrue(load.failures.size() <= CLIENTS, load.failures.toString());
      assertFalse(load.failures.toString().contains("REFUSED"), load.failures.toString());
    }
  }

  @Test
  void answersWhatWaitedForAChildThatWasKilled() throws Exception {
    try (Mpm mpm = start()) {
      List<Long> pids = mpm.children();
      for (long pid : pids) {
        signal("STOP", pid);
      }
      List<HttpConnection> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        HttpConnection connection = new HttpConnection(address(mpm));
        connection.send("/");
        waiting.add(connection);
      }
      signal("KILL", pids.getFirst());
      await("its end", () -> !mpm.children().contains(pids.getFirst()));
      signal("CONT", pids.getLast());
      for (HttpConnection connection : waiting) {
        assertFalse(pids.getFirst().equals(pid(connection.answer())));
        connection.close();
      }
    }
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
  void endsWithConnectionsThatAreIdle() throws Exception {
    List<HttpConnection> idle = new ArrayList<>();
    try (Mpm mpm = start()) {
      for (int i = 0; i < CLIENTS; i++) {
        HttpConnection connection = new HttpConnection(address(mpm));
        assertTrue(mpm.children().contains(pid(connection.get("/"))));
        idle.add(connection);
      }
    }
    assertDrained();
    for (HttpConnection connection : idle) {
      connection.close();
    }
  }

  @Test
  void countsItsRequests() throws Exception {
    Path go = directory.resolve("go");
    try (Mpm mpm = start()) {
      List<HttpConnection> connections = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        HttpConnection connection = new HttpConnection(address(mpm));
        connection.send("/await" + go);
        connections.add(connection);
      }
      await("three requests", () -> mpm.status().busyWorkers() == 3);
      MpmStatus busy = mpm.status();
      assertEquals(3, busy.children().stream().mapToInt(MpmStatus.Child::connections).sum());
      for (MpmStatus.Child child : busy.children()) {
        for (MpmStatus.Worker worker : child.threads()) {
          if (worker.status() == WorkerStatus.BUSY_WRITE) {
            assertTrue(worker.request().startsWith("GET /await" + go), worker.request());
            assertTrue(worker.client().startsWith("127.0.0.1:"), worker.client());
          }
        }
      }
      Files.createFile(go);
      for (HttpConnection connection : connections) {
        assertTrue(mpm.children().contains(pid(connection.answer())));
      }
      await("idle workers", () -> mpm.status().busyWorkers() == 0);
      await("three accesses", () -> mpm.status().totals().accesses() == 3);
      for (HttpConnection connection : connections) {
        connection.close();
      }
      await(
          "no connection",
          () -> mpm.status().children().stream().allMatch(child -> child.connections() == 0));
      assertEquals(3, mpm.status().totals().accepted());
    }
  }
}
