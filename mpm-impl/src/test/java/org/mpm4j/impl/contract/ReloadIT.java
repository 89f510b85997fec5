package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.assertServes;
import static org.mpm4j.impl.contract.ForkedServers.assertSucceeded;
import static org.mpm4j.impl.contract.ForkedServers.awaitChildren;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.occupy;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;
import static org.mpm4j.impl.contract.ForkedServers.quick;
import static org.mpm4j.impl.contract.ForkedServers.start;
import static org.mpm4j.impl.contract.Processes.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mpm4j.LifecycleEvent.ChildStarted;
import org.mpm4j.LifecycleEvent.GenerationEnded;
import org.mpm4j.LifecycleEvent.ReloadEnded;
import org.mpm4j.LifecycleEvent.ReloadStarted;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmOptions;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.Share;
import org.mpm4j.impl.contract.ForkedServers.Extremes;
import org.mpm4j.impl.os.OpenDescriptors;

/// A new generation takes over, or does not, and no client notices.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class ReloadIT {
  @TempDir Path directory;

  private final EventLog events = new EventLog();

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private void create(String name) throws Exception {
    Files.createFile(file(name));
  }

  private static CompletableFuture<ReloadVerdict> reloading(Mpm mpm, MpmConfig config) {
    CompletableFuture<ReloadVerdict> verdict = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            verdict.complete(mpm.reload(config));
          } catch (InterruptedException | RuntimeException e) {
            verdict.completeExceptionally(e);
          }
        });
    return verdict;
  }

  private static List<Long> assertOnlyGeneration(int generation, Mpm mpm) throws Exception {
    await(
        "the end of all generations but " + generation,
        () -> mpm.status().children().stream().allMatch(c -> c.id().generation() == generation));
    assertEquals(generation, mpm.status().generation());
    return mpm.children();
  }

  // ---- under load ----

  @Test
  void losesNothingWhileTheModelChanges() throws Exception {
    List<ProcessModel> models =
        List.of(
            ProcessModel.WORKER,
            ProcessModel.EVENT,
            ProcessModel.PREFORK,
            ProcessModel.EVENT,
            ProcessModel.WORKER,
            ProcessModel.PREFORK);
    try (Mpm mpm = start(fixed(ProcessModel.PREFORK, 2), events)) {
      List<SocketAddress> addresses = mpm.addresses();
      List<Customer> customers = Customer.some(4, address(mpm));
      try {
        int generation = 0;
        for (ProcessModel model : models) {
          Customer.awaitMoreAnswers(customers);
          generation++;
          assertEquals(
              generation, assertSucceeded(mpm.reload(fixed(model, 2).build())).generation());
          assertEquals(model, mpm.status().model());
          assertEquals(addresses, mpm.addresses());
        }
        Customer.awaitMoreAnswers(customers);
        int last = generation;
        assertEquals(2, assertOnlyGeneration(last, mpm).size());
        for (int old = 0; old < last; old++) {
          int ended = old;
          events.await("the end of generation " + old, new GenerationEnded(ended)::equals);
        }
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
    }
  }

  @Test
  void servesOutALongRequest() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 1), events);
        SocketClient busy = occupy(address(mpm), file("go"));
        SocketClient idle = new SocketClient(address(mpm))) {
      long old = mpm.children().getFirst();
      assertEquals(old, pidOf(idle.ask("pid")));
      assertSucceeded(mpm.reload());
      assertFalse(mpm.children().contains(old));
      assertTrue(idle.ended()); // so the drain has begun
      assertServes(mpm);
      create("go");
      assertEquals(old + " 0 0 close", busy.line());
      assertEquals(SocketClient.END, busy.line());
      assertOnlyGeneration(1, mpm);
    }
  }

  // ---- what cannot be ----

  static Stream<Arguments> brokenConfigurations() {
    return Stream.of(
        Arguments.of("throw", "cannot serve", "java.io.IOException: the moon is full"),
        Arguments.of("hang", "ChildStartTimeout", "Full thread dump"),
        Arguments.of("option", "ended before it was ready: exit status 1", "NoSuchOption"));
  }

  @ParameterizedTest
  @MethodSource("brokenConfigurations")
  void rollsBack(String how, String reason, String output) throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 2), events)) {
      List<Long> before = mpm.children();
      List<Customer> customers = Customer.some(2, address(mpm));
      try {
        MpmConfigBuilder broken =
            fixed(ProcessModel.EVENT, 2)
                .childStartTimeout(Duration.ofSeconds(how.equals("hang") ? 5 : 60))
                .childEnvironment(MoodyServer.MOOD, how);
        if (how.equals("option")) {
          broken.childJvmOption("-XX:NoSuchOption");
        }
        ReloadVerdict.RolledBack verdict =
            assertInstanceOf(ReloadVerdict.RolledBack.class, mpm.reload(broken.build()));
        assertEquals(0, verdict.generation());
        assertTrue(verdict.reason().contains(reason), verdict.toString());
        assertTrue(verdict.lastOutput().contains(output), verdict.toString());
        assertEquals(before, mpm.children());
        ReloadVerdict.RolledBack told =
            assertInstanceOf(
                ReloadVerdict.RolledBack.class, mpm.status().lastReload().orElseThrow());
        assertEquals(verdict.reason(), told.reason());
        events.await("the verdict", new ReloadEnded(verdict)::equals);
        Customer.awaitMoreAnswers(customers);
        assertSucceeded(mpm.reload(fixed(ProcessModel.EVENT, 2).build()));
        Customer.awaitMoreAnswers(customers);
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      assertOnlyGeneration(2, mpm);
    }
  }

  @Test
  void refusesAnAddressInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Mpm mpm = start(fixed(ProcessModel.EVENT, 1), events)) {
      List<Long> before = mpm.children();
      String address = "127.0.0.1:" + taken.getLocalPort();
      ReloadVerdict verdict = mpm.reload(fixed(ProcessModel.EVENT, 1).listen(address).build());
      assertInstanceOf(ReloadVerdict.Refused.class, verdict);
      assertTrue(verdict.toString().contains(address), verdict.toString());
      assertEquals(before, mpm.children());
      assertEquals(1, mpm.addresses().size());
      assertServes(mpm);
      assertSucceeded(mpm.reload());
    }
  }

  // ---- what may change ----

  @Test
  void addsKeepsAndDropsListeners() throws Exception {
    int dropped = Processes.freePort();
    int added = Processes.freePort();
    MpmConfigBuilder first = fixed(ProcessModel.PREFORK, 1).listen("127.0.0.1:" + dropped);
    MpmConfigBuilder second = fixed(ProcessModel.PREFORK, 1).listen("127.0.0.1:" + added);
    try (Mpm mpm = start(first, events);
        SocketClient busy = occupy(address(mpm), file("go"))) {
      SocketAddress kept = address(mpm);
      List<SocketClient> waiting = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        SocketClient client = new SocketClient(mpm.addresses().getLast());
        client.send("who\n");
        waiting.add(client);
      }
      assertSucceeded(mpm.reload(second.build()));
      assertEquals(
          List.of(kept, new InetSocketAddress(InetAddress.getLoopbackAddress(), added)),
          mpm.addresses());
      assertServes(kept);
      assertServes(mpm.addresses().getLast());
      create("go");
      long old = pidOf(busy.line());
      for (SocketClient client : waiting) {
        assertEquals(old, pidOf(client.line())); // nobody else has its listener
        client.close();
      }
      assertOnlyGeneration(1, mpm);
      await("a listener that is closed", () -> Processes.isFree(dropped));
    }
  }

  private Path edition(String text) throws Exception {
    Path classes = Files.createDirectory(directory.resolve(text));
    Path source = classes.resolve("Edition.java");
    Files.writeString(
        source, "public class Edition { public String toString() { return \"" + text + "\"; } }");
    int result =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(System.out, System.err, "-proc:none", source.toString());
    assertEquals(0, result);
    return classes;
  }

  @Test
  void bringsOtherCode() throws Exception {
    MpmConfigBuilder first = fixed(ProcessModel.EVENT, 1);
    MpmConfigBuilder second = fixed(ProcessModel.EVENT, 1);
    MpmConfig one = first.childClassPath(List.of(edition("first"))).build();
    MpmConfig two = second.childClassPath(List.of(edition("second"))).build();
    try (Mpm mpm = Mpm.start(one, MoodyServer.class)) {
      try (SocketClient client = new SocketClient(address(mpm))) {
        assertEquals("first", client.ask("edition"));
      }
      assertSucceeded(mpm.reload(two));
      assertOnlyGeneration(1, mpm);
      try (SocketClient client = new SocketClient(address(mpm))) {
        assertEquals("second", client.ask("edition"));
      }
    }
  }

  // ---- several at once, and how fast ----

  @Test
  void reloadsWhileItGrows() throws Exception {
    MpmConfigBuilder config =
        quick(ProcessModel.PREFORK)
            .listen("127.0.0.1:0")
            .startServers(1)
            .minSpareServers(1)
            .maxSpareServers(2)
            .maxRequestWorkers(4);
    MpmConfig slow = config.childEnvironment(MoodyServer.MOOD, "await " + file("open")).build();
    create("open");
    try (Mpm mpm = start(config, events)) {
      Files.delete(file("open"));
      List<SocketClient> busy = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        SocketClient client = new SocketClient(address(mpm));
        client.send("await " + file("go") + "\n");
        busy.add(client);
      }
      await(
          "children that start",
          () ->
              mpm.status().children().stream()
                  .anyMatch(c -> c.state() == MpmStatus.State.STARTING));
      CompletableFuture<ReloadVerdict> verdict = reloading(mpm, slow);
      events.await("the reload", ReloadStarted.class::isInstance);
      create("open");
      assertSucceeded(verdict.get());
      create("go");
      for (SocketClient client : busy) {
        assertEquals("waits", client.line());
        var _ = pidOf(client.line());
        client.close();
      }
      assertOnlyGeneration(1, mpm);
      assertServes(mpm);
    }
  }

  @Test
  void reloadsOneAfterTheOther() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 1), events)) {
      CompletableFuture<ReloadVerdict> one = reloading(mpm, mpm.config());
      CompletableFuture<ReloadVerdict> two = reloading(mpm, mpm.config());
      ReloadVerdict first = assertSucceeded(one.get());
      ReloadVerdict second = assertSucceeded(two.get());
      boolean inOrder = first.generation() == 1;
      assertEquals(3, first.generation() + second.generation());
      events.await("the last verdict", e -> e.equals(new ReloadEnded(inOrder ? second : first)));
      events.assertOrder(
          new ReloadStarted(1),
          new ReloadEnded(inOrder ? first : second),
          new ReloadStarted(2),
          new ReloadEnded(inOrder ? second : first));
      assertServes(mpm);
    }
  }

  @Test
  void waitsWhileTwoOldGenerationsDrain() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.WORKER, 1), events);
        SocketClient first = occupy(address(mpm), file("first"))) {
      assertSucceeded(mpm.reload());
      try (SocketClient second = ForkedServers.clientOf(1, address(mpm))) {
        occupy(second, file("second"));
        assertSucceeded(mpm.reload());
        CompletableFuture<ReloadVerdict> third = reloading(mpm, mpm.config());
        assertServes(mpm);
        int slot = mpm.status().children().getLast().id().slot();
        assertFalse(mpm.threadDump(slot).isBlank()); // the supervisor has looked at all this
        assertFalse(third.isDone());
        create("first");
        var _ = pidOf(first.line());
        assertSucceeded(third.get());
        create("second");
        var _ = pidOf(second.line());
      }
      assertOnlyGeneration(3, mpm);
      events.await("the end of generation 2", new GenerationEnded(2)::equals);
      events.assertOrder(new GenerationEnded(0), new ReloadStarted(3));
    }
  }

  @ParameterizedTest
  @MethodSource("paces")
  void keepsThePace(Share surge, Share unavailable, int leastReady, int mostLive) throws Exception {
    MpmConfigBuilder config =
        fixed(ProcessModel.PREFORK, 3).reloadMaxSurge(surge).reloadMaxUnavailable(unavailable);
    try (Mpm mpm = start(config, events)) {
      List<Customer> customers = Customer.some(2, address(mpm));
      try {
        assertSucceeded(mpm.reload(config.build()));
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      events.await("the verdict", ReloadEnded.class::isInstance);
      Extremes seen =
          Extremes.between(
              events.all(),
              events.indexOf(ReloadStarted.class::isInstance),
              events.indexOf(ReloadEnded.class::isInstance));
      assertEquals(new Extremes(leastReady, mostLive), seen, events.all().toString());
      assertEquals(3, mpm.children().size());
    }
  }

  static Stream<Arguments> paces() {
    return Stream.of(
        Arguments.of(Share.count(1), Share.count(0), 3, 4),
        Arguments.of(Share.count(0), Share.count(1), 2, 3));
  }

  // ---- hard ----

  @Test
  void restartsHard() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.PREFORK, 1), events);
        SocketClient busy = occupy(address(mpm), file("never"))) {
      List<Long> before = mpm.children();
      List<SocketClient> waiting = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        SocketClient client = new SocketClient(address(mpm));
        client.send("who\n");
        waiting.add(client);
      }
      ReloadVerdict verdict = assertSucceeded(mpm.restart());
      assertEquals(1, verdict.generation());
      Processes.awaitGone(before);
      assertTrue(busy.ended());
      long now = mpm.children().getFirst();
      for (SocketClient client : waiting) {
        assertEquals(now, pidOf(client.line()));
        client.close();
      }
      awaitChildren(mpm, 1);
    }
  }

  @Test
  void fallsBackFromAHardRestart() throws Exception {
    MpmConfig broken =
        fixed(ProcessModel.EVENT, 2).childEnvironment(MoodyServer.MOOD, "throw").build();
    try (Mpm mpm =
        Mpm.start(
            fixed(ProcessModel.EVENT, 2).build(),
            MoodyServer.class,
            MpmOptions.none().withListener(events).withConfigSource(() -> broken))) {
      List<Long> before = mpm.children();
      ReloadVerdict verdict = mpm.restart();
      assertInstanceOf(ReloadVerdict.RolledBack.class, verdict, verdict.toString());
      assertTrue(verdict.toString().contains("the moon is full"), verdict.toString());
      assertServes(mpm);
      awaitChildren(mpm, 2);
      Set<Long> now = new HashSet<>(assertOnlyGeneration(0, mpm));
      now.retainAll(before);
      assertEquals(Set.of(), now);
      await(
          () -> "the starts of a rollback among " + events.all(),
          () ->
              Set.copyOf(
                      events.all(ChildStarted.class).stream()
                          .filter(started -> mpm.children().contains((long) started.child().pid()))
                          .map(ChildStarted::why)
                          .toList())
                  .equals(Set.of("rollback")));
    }
  }
}
