package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.StopMode;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// The status across the death of a child and a reload.
@Timeout(240)
final class StatusIT {
  private static final int CLIENTS = 4;
  private static final int REQUESTS = 250;

  @TempDir Path directory;

  /// @return how many requests were answered, all of those that were sent
  private static int load(InetSocketAddress address) throws Exception {
    AtomicInteger answered = new AtomicInteger();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(
          Thread.ofPlatform()
              .start(() -> {
                int left = REQUESTS;
                while (left > 0) {
                  left -= ask(address, left);
                }
                answered.addAndGet(REQUESTS);
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    assertEquals(CLIENTS * REQUESTS, answered.get());
    return answered.get();
  }

  /// Asks until everything is answered or the connection ends, as in a child that drains.
  ///
  /// @return how many were answered
  private static int ask(InetSocketAddress address, int most) {
    int answered = 0;
    try (SocketClient client = new SocketClient(address)) {
      while (answered < most && Character.isDigit(client.ask("pid").charAt(0))) {
        answered++;
      }
      return answered;
    } catch (IOException _) { // the connection has ended
      return answered;
    }
  }

  /// Readers of the file look all the time; nobody is served while the child is killed, so every
  /// exchange that was counted was answered.
  @ParameterizedTest
  @EnumSource
  void countsEveryRequestAcrossAKillAndAReload(ProcessModel model) throws Exception {
    Path file = directory.resolve("scoreboard-" + model);
    MpmConfig config =
        ForkedServers.fixed(model, 4).scoreBoardFile(file).maxKeepAliveRequests(0).build();
    try (Mpm mpm = Mpm.start(config, CommandServer.class);
        Scoreboard scoreboard = Scoreboard.attach(file)) {
      InetSocketAddress address = (InetSocketAddress) mpm.addresses().getFirst();
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger violations = new AtomicInteger();
      Thread reader =
          Thread.ofPlatform()
              .start(() -> {
                MpmStatus.Counters before = MpmStatus.Counters.NONE;
                while (!over.get()) {
                  MpmStatus status = scoreboard.status();
                  violations.addAndGet(violations(before, status));
                  before = status.totals();
                }
              });
      int answered = load(address);
      List<Long> pids = mpm.children();
      long killed = pids.getFirst();
      assertTrue(ProcessHandle.of(killed).orElseThrow().destroyForcibly());
      ForkedServers.awaitReplacement(mpm, killed, ForkedServers.without(pids, killed));
      assertEquals(answered, mpm.status().totals().accesses());
      answered += load(address);
      assertTrue(mpm.reload(config).succeeded());
      answered += load(address);
      over.set(true);
      reader.join();
      assertEquals(0, violations.get());
      MpmStatus status = mpm.status();
      assertEquals(answered, status.totals().accesses(), status::toString);
      assertTrue(status.totals().accepted() >= 3 * CLIENTS, status::toString);
      assertTrue(status.totals().reused() >= answered - status.totals().accepted());
      assertTrue(status.totals().bytes() > answered);
      assertEquals(1, status.generation());
      assertTrue(status.recent().stream().anyMatch(e -> e.text().contains("signal 9")));
      mpm.stop(StopMode.GRACEFUL);
      assertEquals(answered, mpm.status().totals().accesses());
    }
  }

  private static int violations(MpmStatus.Counters before, MpmStatus status) {
    int found = status.totals().accesses() < before.accesses() ? 1 : 0;
    found += status.totals().bytes() < before.bytes() ? 1 : 0;
    long live = 0;
    for (MpmStatus.Child child : status.children()) {
      found += child.connections() != child.states().sum() ? 1 : 0;
      found += child.states().active() < 0 ? 1 : 0;
      live += child.counters().accesses();
    }
    return found + (live > status.totals().accesses() ? 1 : 0);
  }
}
