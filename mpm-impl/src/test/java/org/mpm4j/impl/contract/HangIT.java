package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.assertSucceeded;
import static org.mpm4j.impl.contract.ForkedServers.clientOf;
import static org.mpm4j.impl.contract.ForkedServers.clientsOfAll;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.occupy;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;
import static org.mpm4j.impl.contract.ForkedServers.start;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent.ChildDraining;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.LifecycleEvent.ChildStarted;
import org.mpm4j.LifecycleEvent.ThreadsDumped;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.os.OpenDescriptors;

/// Children that do not move: ended if they hang, spared if only nobody could see them move.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class HangIT {
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);

  @TempDir Path directory;

  private final EventLog events = new EventLog();

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  @Test
  void killsAChildThatWasStopped() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 2).heartbeatTimeout(HEARTBEAT), events)) {
      List<Long> pids = mpm.children();
      long stopped = pids.getFirst();
      List<SocketClient> clients = clientsOfAll(mpm, pids);
      SocketClient cutOff = clientOf(clients, stopped);
      occupy(cutOff, directory.resolve("never"));
      Processes.signal("STOP", stopped);
      List<Customer> customers = Customer.some(4, address(mpm));
      try {
        events.await("its end", ChildExited.class::isInstance);
        ForkedServers.awaitReplacement(mpm, stopped, List.of(pids.getLast()));
        Customer.awaitMoreAnswers(customers);
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      assertTrue(cutOff.ended());
      ChildExited exited = events.all(ChildExited.class).getFirst();
      assertEquals(stopped, exited.child().pid());
      assertEquals(ExitCause.KILLED, exited.cause());
      ForkedServers.close(clients);
    }
  }

  @Test
  void sparesAChildThatIsBusyWithItself() throws Exception {
    MpmConfigBuilder config =
        MpmConfig.builder(ProcessModel.EVENT)
            .listen("127.0.0.1:0")
            .threadsPerChild(2)
            .maxRequestWorkers(2)
            .startServers(1)
            .heartbeatTimeout(HEARTBEAT);
    LongPause.JVM_OPTIONS.forEach(config::childJvmOption);
    try (Mpm mpm = start(config, events);
        SocketClient client = new SocketClient(address(mpm))) {
      long pid = mpm.children().getFirst();
      long beyond = HEARTBEAT.toMillis() + 1000;
      long took = 0;
      // how long a pause lasts depends on what else the machine does
      for (long asked = beyond + 1500; took <= beyond; asked *= 2) {
        took = Long.parseLong(client.ask("pause " + asked));
      }
      assertEquals(pid, pidOf(client.ask("pid")));
      assertEquals(List.of(pid), mpm.children());
      assertEquals(List.of(), events.all(ChildDraining.class));
    }
  }

  @Test
  void endsAChildThatIgnoresTheDrain() throws Exception {
    MpmConfigBuilder config =
        fixed(ProcessModel.WORKER, 1).gracefulShutdownTimeout(Duration.ofSeconds(1));
    try (Mpm mpm = start(config, events);
        SocketClient client = new SocketClient(address(mpm))) {
      long pid = mpm.children().getFirst();
      assertEquals("hangs", client.ask("hang"));
      assertSucceeded(mpm.reload());
      assertTrue(client.ended());
      events.await("its end", ChildExited.class::isInstance);
      ChildExited exited = events.all(ChildExited.class).getFirst();
      assertEquals(pid, exited.child().pid());
      assertEquals(ExitCause.KILLED, exited.cause());
      ThreadsDumped dumped = events.all(ThreadsDumped.class).getFirst();
      assertEquals(exited.child(), dumped.child());
      assertTrue(dumped.text().contains("CommandServer.hang"), dumped.text());
      ChildDraining draining = events.all(ChildDraining.class).getFirst();
      events.assertOrder(draining, dumped, exited);
      ForkedServers.assertServes(mpm);
    }
  }

  @Test
  void replacesAChildWithARequestThatDoesNotEnd() throws Exception {
    MpmConfigBuilder config =
        fixed(ProcessModel.WORKER, 1).requestTerminateTimeout(Duration.ofSeconds(2));
    try (Mpm mpm = start(config, events);
        SocketClient stuck = new SocketClient(address(mpm))) {
      long pid = mpm.children().getFirst();
      assertEquals("hangs", stuck.ask("hang"));
      events.await("a drain", ChildDraining.class::isInstance);
      try (SocketClient other = new SocketClient(address(mpm))) {
        var _ = pidOf(other.ask("who"));
      }
      assertTrue(stuck.ended());
      events.await("its end", ChildExited.class::isInstance);
      assertEquals(pid, events.all(ChildExited.class).getFirst().child().pid());
      assertEquals(
          2, events.all(ChildStarted.class).size(), "a child and its replacement: " + events.all());
      ThreadsDumped dumped = events.all(ThreadsDumped.class).getFirst();
      assertTrue(dumped.text().contains("CommandServer.hang"), dumped.text());
    }
  }

  @Test
  void interruptsARequestThatTakesTooLong() throws Exception {
    MpmConfigBuilder config =
        fixed(ProcessModel.EVENT, 1).requestTerminateTimeout(Duration.ofSeconds(1));
    try (Mpm mpm = start(config, events);
        SocketClient slow = new SocketClient(address(mpm))) {
      slow.send("sleep 60000\n");
      assertTrue(slow.ended());
      ForkedServers.assertServes(mpm);
      assertEquals(List.of(), events.all(ChildDraining.class));
    }
  }

  @Test
  void answersInFullWhenItStops() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.PREFORK, 1), events);
        SocketClient busy = occupy(address(mpm), directory.resolve("go"));
        SocketClient waiting = new SocketClient(address(mpm))) {
      waiting.send("who\n");
      Thread stop = Thread.ofPlatform().start(mpm::close);
      events.await("the drain", ChildDraining.class::isInstance);
      Files.createFile(directory.resolve("go"));
      long pid = pidOf(busy.line());
      assertEquals(pid, pidOf(waiting.line())); // it was in the backlog
      stop.join();
      Processes.assertNothingLeft(List.of(pid), ForkedServers.port(mpm));
    }
  }
}
