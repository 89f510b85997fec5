package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleEvent.ChildDraining;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.LifecycleEvent.ChildReady;
import org.mpm4j.LifecycleEvent.ChildStarted;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmOptions;
import org.mpm4j.ProcessModel;
import org.mpm4j.ProcessPolicy;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;

/// Servers with real children, and how a test tells these apart.
final class ForkedServers {
  /// Workers of a child, where the model has threads.
  static final int THREADS = 8;

  private ForkedServers() {}

  /// A server that has so many children, whatever the load.
  static MpmConfigBuilder fixed(ProcessModel model, int children) {
    MpmConfigBuilder config = quick(model).listen("127.0.0.1:0");
    if (model.threaded()) {
      config.threadsPerChild(THREADS).maxRequestWorkers(THREADS * children);
    } else {
      config.maxRequestWorkers(children);
    }
    return config.processManager(ProcessPolicy.STATIC);
  }

  /// Everything but how many children and where.
  static MpmConfigBuilder quick(ProcessModel model) {
    return MpmConfig.builder(model)
        .timeout(Duration.ofSeconds(30))
        .keepAliveTimeout(Duration.ofSeconds(30))
        .childJvmOption("-XX:TieredStopAtLevel=1") // their threads share two processors
        .childJvmOption("-XX:+UseSerialGC")
        .gracefulShutdownTimeout(Duration.ofSeconds(20));
  }

  static Mpm start(MpmConfigBuilder config, EventLog events) throws StartException {
    return Mpm.start(config.build(), MoodyServer.class, MpmOptions.none().withListener(events));
  }

  static SocketAddress address(Mpm mpm) {
    return mpm.addresses().getFirst();
  }

  static int port(Mpm mpm) {
    return ((InetSocketAddress) address(mpm)).getPort();
  }

  /// The pid in an answer to `pid` or `who`.
  static long pidOf(String answer) {
    assertTrue(answer.matches("\\d+ \\d+( .*)?"), "not a pid and a slot: " + answer);
    return Long.parseLong(answer.substring(0, answer.indexOf(" ")));
  }

  static void assertServes(Mpm mpm) throws IOException {
    assertServes(address(mpm));
  }

  static void assertServes(SocketAddress address) throws IOException {
    try (SocketClient client = new SocketClient(address)) {
      var _ = pidOf(client.ask("pid"));
    }
  }

  static ReloadVerdict.Succeeded assertSucceeded(ReloadVerdict verdict) {
    return assertInstanceOf(ReloadVerdict.Succeeded.class, verdict, verdict.toString());
  }

  /// A connection that a child serves until the file exists; then it answers as to `who`.
  static SocketClient occupy(SocketAddress address, Path file) throws IOException {
    SocketClient client = new SocketClient(address);
    occupy(client, file);
    return client;
  }

  static void occupy(SocketClient client, Path file) throws IOException {
    assertEquals("waits", client.ask("await " + file));
  }

  /// A kept connection to a child of this generation; those before it may accept for a moment.
  static SocketClient clientOf(int generation, SocketAddress address) throws IOException {
    long end = System.nanoTime() + Processes.PATIENCE.toNanos();
    while (System.nanoTime() - end < 0) {
      SocketClient client = new SocketClient(address);
      if (client.ask("who").endsWith(" " + generation + " keep")) {
        return client;
      }
      client.close();
    }
    throw new AssertionError("no connection to generation " + generation);
  }

  /// Kept connections, at least one to each child.
  static List<SocketClient> clientsOfAll(Mpm mpm, List<Long> pids) throws IOException {
    List<SocketClient> clients = new ArrayList<>();
    Set<Long> met = new HashSet<>();
    while (!met.containsAll(pids)) {
      assertTrue(clients.size() < 200, "200 connections and none to some of " + pids + ": " + met);
      SocketClient client = new SocketClient(address(mpm));
      clients.add(client);
      met.add(pidOf(client.ask("pid")));
    }
    return clients;
  }

  static SocketClient clientOf(List<SocketClient> clients, long pid) throws IOException {
    for (SocketClient client : clients) {
      if (pidOf(client.ask("pid")) == pid) {
        return client;
      }
    }
    throw new AssertionError("no connection to " + pid);
  }

  static void close(List<SocketClient> clients) throws IOException {
    for (SocketClient client : clients) {
      client.close();
    }
  }

  /// Waits until a new child serves in place of `ended`, beside all that are `left`.
  static void awaitReplacement(Mpm mpm, long ended, List<Long> left) throws Exception {
    int count = left.size() + 1;
    Processes.await(
        "a child in place of " + ended + " beside " + left,
        () -> {
          List<Long> now = mpm.children();
          return now.size() == count && !now.contains(ended) && now.containsAll(left);
        });
    Processes.awaitGone(List.of(ended)); // one that drains is no child that serves, and is there
  }

  static List<Long> without(List<Long> pids, long pid) {
    return pids.stream().filter(other -> other != pid).toList();
  }

  /// The smallest and the largest number of children that there was, from one event to another.
  ///
  /// @param ready least that served
  /// @param live most that started or served
  record Extremes(int ready, int live) {
    static Extremes between(List<LifecycleEvent> events, int from, int to) {
      Set<Long> starting = new HashSet<>();
      Set<Long> serving = new HashSet<>();
      int ready = Integer.MAX_VALUE;
      int live = 0;
      for (int i = 0; i < to; i++) {
        switch (events.get(i)) {
          case ChildStarted(var child, _) -> starting.add((long) child.pid());
          case ChildReady(var child, _) -> {
            starting.remove((long) child.pid());
            serving.add((long) child.pid());
          }
          case ChildDraining(var child, _) -> serving.remove((long) child.pid());
          case ChildExited exited -> {
            starting.remove((long) exited.child().pid());
            serving.remove((long) exited.child().pid());
          }
          default -> {}
        }
        if (i >= from) {
          ready = Math.min(ready, serving.size());
          live = Math.max(live, serving.size() + starting.size());
        }
      }
      return new Extremes(ready, live);
    }
  }

  /// Waits until there are exactly so many processes, all of them ready.
  static void awaitChildren(Mpm mpm, int count) throws Exception {
    Processes.await(
        count + " children and no other",
        () -> mpm.children().size() == count && mpm.status().children().size() == count);
    assertEquals(count, Processes.childrenOfThisProcess().size());
  }
}
