package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.assertSucceeded;
import static org.mpm4j.impl.contract.ForkedServers.awaitReplacement;
import static org.mpm4j.impl.contract.ForkedServers.clientsOfAll;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.occupy;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;
import static org.mpm4j.impl.contract.ForkedServers.quick;
import static org.mpm4j.impl.contract.Processes.await;
import static org.mpm4j.impl.contract.Processes.kill;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent.ChildDraining;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.LifecycleEvent.ThreadsDumped;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.os.OpenDescriptors;

/// Whole servers in real children: kept, counted, replaced, reloaded and ended like any other.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class HostedIT {
  private static final int CLIENTS = 6;

  @TempDir Path directory;

  private final EventLog events = new EventLog();

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  private Mpm start(MpmConfigBuilder config) throws StartException {
    return Mpm.start(config.build(), BlockingServer.class, MpmOptions.none().withListener(events));
  }

  private static MpmConfigBuilder moody(String mood, int children) {
    return fixed(ProcessModel.WORKER, children).childEnvironment(BlockingServer.MOOD, mood);
  }

  private static MpmStatus.Child onlyChild(Mpm mpm) {
    List<MpmStatus.Child> children = mpm.status().children();
    assertEquals(1, children.size());
    return children.getFirst();
  }

  /// Waits until a child has ended by itself and there are so many others.
  private static void awaitRecycled(Mpm mpm, long ended, int children) throws Exception {
    await(
        "others in place of " + ended,
        () -> {
          List<Long> now = mpm.children();
          return now.size() == children && !now.contains(ended);
        });
    Processes.awaitGone(List.of(ended));
  }

  // ---- children that serve ----

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void sharesOnePortAndReplacesAChildThatWasKilled(ProcessModel model) throws Exception {
    try (Mpm mpm = start(fixed(model, 2))) {
      List<Long> before = mpm.children();
      ForkedServers.close(clientsOfAll(mpm, before));
      List<Customer> customers = Customer.some(CLIENTS, address(mpm));
      try {
        Customer.awaitMoreAnswers(customers);
        kill(before.getFirst());
        awaitReplacement(mpm, before.getFirst(), List.of(before.getLast()));
        Customer.awaitMoreAnswers(customers);
      } finally {
        Customer.stop(customers);
      }
      for (Customer customer : customers) {
        // what a child was serving when it was killed is lost: one connection of each customer
        assertTrue(customer.failures.size() <= 1, customer.failures.toString());
        assertFalse(customer.failures.toString().contains("REFUSED"), customer.failures.toString());
      }
    }
  }

  /// Connections that nobody has accepted yet: the children do not run.
  private static List<SocketClient> inBacklog(Mpm mpm, int count) throws Exception {
    for (long pid : mpm.children()) {
      Processes.signal("STOP", pid);
    }
    List<SocketClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SocketClient client = new SocketClient(address(mpm));
      client.send("who\n");
      clients.add(client);
    }
    return clients;
  }

  @Test
  void answersWhatWaitedForAChildThatWasKilled() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 2).heartbeatTimeout(Duration.ZERO))) {
      List<Long> pids = mpm.children();
      List<SocketClient> waiting = inBacklog(mpm, 20);
      kill(pids.getFirst());
      awaitReplacement(mpm, pids.getFirst(), List.of(pids.getLast()));
      Processes.signal("CONT", pids.getLast());
      for (SocketClient client : waiting) {
        assertTrue(mpm.children().contains(pidOf(client.line())));
      }
      ForkedServers.close(waiting);
    }
  }

  @Test
  void answersWhatWaitsWhenTheLastChildDrains() throws Exception {
    Mpm mpm = start(fixed(ProcessModel.WORKER, 1).heartbeatTimeout(Duration.ZERO));
    long pid = mpm.children().getFirst();
    List<SocketClient> waiting = inBacklog(mpm, 20);
    Thread stop = Thread.ofPlatform().start(() -> mpm.stop(StopMode.GRACEFUL));
    events.await("a drain", ChildDraining.class::isInstance);
    Processes.signal("CONT", pid);
    for (SocketClient client : waiting) {
      String answer = client.line(); // "keep" if it was asked before it heard of the drain
      assertEquals(pid, pidOf(answer), answer);
    }
    stop.join();
    events.await("its end", ChildExited.class::isInstance);
    assertEquals(ExitCause.DRAINED, events.all(ChildExited.class).getFirst().cause());
    ForkedServers.close(waiting);
  }

  @Test
  void losesNothingInAReload() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 2))) {
      List<Customer> customers = Customer.some(CLIENTS, address(mpm));
      try {
        for (int reload = 0; reload < 2; reload++) {
          Customer.awaitMoreAnswers(customers);
          assertSucceeded(mpm.reload());
          Customer.awaitMoreAnswers(customers);
        }
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      assertTrue(
          events.all(ChildExited.class).stream().allMatch(e -> e.cause() == ExitCause.DRAINED));
    }
  }

  @Test
  void listensToAPath() throws Exception {
    Path path = directory.resolve("socket");
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 2).listen("unix:" + path))) {
      List<Long> pids = mpm.children();
      kill(pids.getFirst());
      awaitReplacement(mpm, pids.getFirst(), List.of(pids.getLast()));
      assertSucceeded(mpm.reload());
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        client.write(ByteBuffer.wrap("pid\n".getBytes(StandardCharsets.UTF_8)));
        ByteBuffer answer = ByteBuffer.allocate(100);
        while (answer.position() == 0 || answer.get(answer.position() - 1) != '\n') {
          assertTrue(client.read(answer) > 0);
        }
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        assertTrue(mpm.children().contains(pidOf(text.strip())), text);
      }
    }
    assertFalse(Files.exists(path));
  }

  // ---- load ----

  @Test
  void showsRequestsInProgress() throws Exception {
    Path go = directory.resolve("go");
    int more = 2;
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 1))) {
      int slots = ForkedServers.THREADS;
      assertEquals("_".repeat(slots), onlyChild(mpm).letters());
      List<SocketClient> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(occupy(address(mpm), go));
      }
      MpmStatus.Child busy = onlyChild(mpm);
      assertEquals(3, busy.busyWorkers());
      assertEquals(3, mpm.status().busyWorkers());
      assertEquals("WWW" + "_".repeat(slots - 3), busy.letters());
      assertEquals(3, busy.connections());
      assertEquals(3, busy.states().sum());
      for (MpmStatus.Worker worker : busy.threads()) {
        if (worker.status() == WorkerStatus.BUSY_WRITE) {
          assertEquals("await " + go, worker.request());
          assertTrue(worker.client().startsWith("127.0.0.1:"), worker.client());
        }
      }
      for (int i = 3; i < slots + more; i++) {
        clients.add(occupy(address(mpm), go));
      }
      assertEquals(slots, onlyChild(mpm).busyWorkers());
      assertEquals("W".repeat(slots), onlyChild(mpm).letters());
      assertEquals(slots + more, onlyChild(mpm).connections());
      assertEquals(0, onlyChild(mpm).counters().accesses());
      Files.createFile(go);
      for (SocketClient client : clients) {
        assertTrue(client.line().endsWith(" 0 keep"));
      }
      await("all accesses", () -> onlyChild(mpm).counters().accesses() == slots + more);
      await("idle workers", () -> onlyChild(mpm).busyWorkers() == 0);
      MpmStatus.Child idle = onlyChild(mpm);
      assertEquals(slots + more, idle.counters().accepted());
      assertEquals(
          idle.counters(),
          idle.threads().stream()
              .map(MpmStatus.Worker::counters)
              .reduce(MpmStatus.Counters.NONE, MpmStatus.Counters::plus));
      assertEquals("_".repeat(slots), idle.letters());
      ForkedServers.close(clients);
      await("no connection", () -> onlyChild(mpm).connections() == 0);
      assertEquals(slots + more, mpm.status().totals().accesses());
    }
  }

  @Test
  void startsChildrenAsRequestsComeAndEndsThemWhenTold() throws Exception {
    Path go = directory.resolve("go");
    MpmConfigBuilder config =
        quick(ProcessModel.WORKER)
            .listen("127.0.0.1:0")
            .threadsPerChild(2)
            .maxRequestWorkers(6)
            .startServers(1)
            .minSpareThreads(1)
            .maxSpareThreads(4);
    try (Mpm mpm = start(config)) {
      List<SocketClient> clients = new ArrayList<>();
      clients.add(occupy(address(mpm), go));
      assertEquals(1, mpm.children().size());
      clients.add(occupy(address(mpm), go));
      await("a second child", () -> mpm.children().size() == 2);
      mpm.scale(3);
      await("a third child", () -> mpm.children().size() == 3);
      Files.createFile(go);
      for (SocketClient client : clients) {
        var _ = pidOf(client.line());
      }
      mpm.scale(1);
      await("one child", () -> mpm.status().children().size() == 1);
      ForkedServers.assertServes(mpm);
      assertTrue(
          events.all(ChildExited.class).stream().allMatch(e -> e.cause() == ExitCause.DRAINED));
      ForkedServers.close(clients);
    }
  }

  @Test
  void replacesAChildThatHasHadItsConnections() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 1).maxConnectionsPerChild(10))) {
      long pid = mpm.children().getFirst();
      for (int i = 0; i < 10; i++) {
        ForkedServers.assertServes(mpm);
      }
      awaitRecycled(mpm, pid, 1);
      events.await("a drain", ChildDraining.class::isInstance);
      ChildDraining draining = events.all(ChildDraining.class).getFirst();
      assertTrue(draining.why().contains("MaxConnectionsPerChild (10)"), draining.why());
    }
  }

  // ---- the end ----

  @Test
  void endsADrainThatHangs() throws Exception {
    MpmConfigBuilder config =
        moody("drain-hangs", 1).gracefulShutdownTimeout(Duration.ofSeconds(1));
    try (Mpm mpm = start(config)) {
      assertSucceeded(mpm.reload());
      events.await("its end", ChildExited.class::isInstance);
      ChildExited exited = events.all(ChildExited.class).getFirst();
      assertEquals(ExitCause.KILLED, exited.cause());
      ThreadsDumped dumped = events.all(ThreadsDumped.class).getFirst();
      assertTrue(dumped.text().contains("BlockingServer.drain"), dumped.text());
      events.assertOrder(events.all(ChildDraining.class).getFirst(), dumped, exited);
      ForkedServers.assertServes(mpm);
      mpm.stop(StopMode.IMMEDIATE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"drain-throws", "linger"})
  void endsWhateverIsLeft(String mood) throws Exception {
    try (Mpm mpm = start(moody(mood, 1))) {
      ForkedServers.assertServes(mpm);
    }
    events.await("its end", ChildExited.class::isInstance);
    ChildExited exited = events.all(ChildExited.class).getFirst();
    assertEquals(ExitCause.DRAINED, exited.cause());
  }

  // ---- faults ----

  private StartException refusal(String mood) {
    return refusal(mood, Duration.ofMinutes(1));
  }

  private StartException refusal(String mood, Duration startTimeout) {
    MpmConfigBuilder config = moody(mood, 1).childStartTimeout(startTimeout);
    return assertThrows(StartException.class, () -> start(config).close());
  }

  private static void assertSays(String expected, StartException refusal) {
    assertTrue(String.valueOf(refusal.getMessage()).contains(expected), refusal.toString());
  }

  @Test
  void saysThatItDoesNotReturnFromStart() {
    StartException refusal = refusal("hang", Duration.ofSeconds(5));
    // a slow machine has not called it by then, and the thread dump says so
    for (int seconds = 10; seconds <= 40 && !inStart(refusal); seconds *= 2) {
      refusal = refusal("hang", Duration.ofSeconds(seconds));
    }
    assertSays("HostedServer.start did not return within ChildStartTimeout", refusal);
    assertSays("BlockingServer.start", refusal); // the thread dump
  }

  private static boolean inStart(StartException refusal) {
    return String.valueOf(refusal.getMessage()).contains("BlockingServer.start");
  }

  @Test
  void saysWhyItDoesNotStart() {
    StartException refusal = refusal("throw");
    assertSays(BlockingServer.class.getName() + " failed to start", refusal);
    assertSays("java.io.IOException: the moon is full", refusal);
  }

  @Test
  void saysThatItExitsWhileItStarts() {
    StartException refusal = refusal("exit");
    assertSays("called System.exit in thread main", refusal);
    assertSays("BlockingServer.start", refusal);
  }

  @Test
  void saysThatItExitsWhileItServes() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 1));
        SocketClient client = new SocketClient(address(mpm))) {
      long pid = mpm.children().getFirst();
      client.send("exit 3\n");
      assertTrue(client.ended());
      awaitReplacement(mpm, pid, List.of());
      events.await("its end", ChildExited.class::isInstance);
      ChildExited exited = events.all(ChildExited.class).getFirst();
      assertEquals(ExitCause.DIED, exited.cause());
      assertEquals("exit status 3", exited.status());
      assertTrue(
          exited.lastOutput().contains("called System.exit in thread server"), exited.lastOutput());
    }
  }

  @Test
  void replacesAChildThatClosesItsListener() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 2));
        SocketClient client = new SocketClient(address(mpm))) {
      List<Customer> customers = Customer.some(CLIENTS, address(mpm));
      long deaf;
      try {
        Customer.awaitMoreAnswers(customers);
        deaf = pidOf(client.ask("close-listener"));
        awaitRecycled(mpm, deaf, 2);
        Customer.awaitMoreAnswers(customers);
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      events.await("a drain", ChildDraining.class::isInstance);
      ChildDraining draining = events.all(ChildDraining.class).getFirst();
      assertEquals(deaf, draining.child().pid());
      assertTrue(draining.why().contains("closed its listener 127.0.0.1:"), draining.why());
    }
  }

  @Test
  void letsItPrintMuch() throws Exception {
    try (Mpm mpm = start(moody("chatty", 1));
        SocketClient client = new SocketClient(address(mpm))) {
      assertTrue(client.ask("fill").endsWith(" 0 keep"));
    }
  }

  @Test
  void namesWhatTheJvmLacksInProcess() throws IOException {
    StartException refusal =
        assertThrows(
            StartException.class,
            () ->
                Mpm.startInProcess(
                        fixed(ProcessModel.WORKER, 1).build(),
                        new BlockingServer(),
                        MpmOptions.none())
                    .close());
    assertSays("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", refusal);
    assertSays("--add-opens=java.base/java.io=ALL-UNNAMED", refusal);
  }
}
