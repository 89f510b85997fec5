package org.mpm4j.examples.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.mpm4j.examples.servers.HostedServerContract.await;
import static org.mpm4j.examples.servers.HostedServerContract.pid;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.ProcessModel;
import org.mpm4j.examples.servers.executors.AcceptLoop;

/// A server that reports nothing, and runs its requests on the child's worker pool.
@Timeout(240)
final class AcceptLoopIT {
  private static final int THREADS = 2;

  private final Queue<LifecycleEvent> events = new ConcurrentLinkedQueue<>();

  @TempDir Path directory;

  @Test
  void itsTasksAreTheBusyWorkersAndStartAnotherChild() throws Exception {
    MpmConfig config =
        MpmConfig.builder(ProcessModel.WORKER)
            .listen("127.0.0.1:0")
            .threadsPerChild(THREADS)
            .maxRequestWorkers(2 * THREADS)
            .startServers(1)
            .minSpareThreads(1)
            .maxSpareThreads(2 * THREADS)
            .childJvmOption("-XX:TieredStopAtLevel=1")
            .childJvmOption("-XX:+UseSerialGC")
            .build();
    Path go = directory.resolve("go");
    List<HttpConnection> clients = new ArrayList<>();
    try (Mpm mpm =
        Mpm.start(config, AcceptLoop.class, MpmOptions.none().withListener(events::add))) {
      InetSocketAddress address = (InetSocketAddress) mpm.addresses().getFirst();
      long first = mpm.children().getFirst();
      assertEquals(List.of(first), mpm.children());
      assertEquals(0, mpm.status().busyWorkers());
      for (int i = 0; i < THREADS; i++) {
        HttpConnection client = new HttpConnection(address);
        client.send("/await" + go);
        clients.add(client);
      }
      await("busy workers", () -> mpm.status().busyWorkers() == THREADS);
      assertEquals(0, mpm.status().totals().accesses());

      await("a second child", () -> mpm.children().size() == 2 && mpm.children().contains(first));
      try (HttpConnection client = new HttpConnection(address)) {
        assertNotEquals(first, pid(client.get("/")));
      }
      await("its access", () -> mpm.status().totals().accesses() == 1);
      await("its idle worker", () -> mpm.status().busyWorkers() == THREADS);

      Files.createFile(go);
      for (HttpConnection client : clients) {
        assertEquals(first, pid(client.answer()));
        client.close();
      }
      await("idle workers", () -> mpm.status().busyWorkers() == 0);
      await("all accesses", () -> mpm.status().totals().accesses() == THREADS + 1);
    }
    for (LifecycleEvent event : events) {
      if (event instanceof ChildExited exited) {
        assertEquals(ExitCause.DRAINED, exited.cause(), exited.toString());
      }
    }
  }
}
