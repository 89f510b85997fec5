package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.assertServes;
import static org.mpm4j.impl.contract.ForkedServers.awaitChildren;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;
import static org.mpm4j.impl.contract.ForkedServers.quick;
import static org.mpm4j.impl.contract.ForkedServers.start;
import static org.mpm4j.impl.contract.Processes.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleEvent.ChildDraining;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.LifecycleEvent.ChildStarted;
import org.mpm4j.LifecycleEvent.LimitReached;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.ProcessPolicy;
import org.mpm4j.impl.os.OpenDescriptors;

/// The number of children follows the load, or whoever says otherwise.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class ScalingIT {
  private final EventLog events = new EventLog();

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  private static MpmConfigBuilder dynamic() {
    return quick(ProcessModel.PREFORK)
        .listen("127.0.0.1:0")
        .startServers(1)
        .minSpareServers(1)
        .maxSpareServers(2)
        .maxRequestWorkers(4);
  }

  @Test
  void growsToTheLimitAndShrinksWithoutOscillation() throws Exception {
    try (Mpm mpm = start(dynamic(), events)) {
      List<SocketClient> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        SocketClient client = new SocketClient(address(mpm));
        var _ = pidOf(client.ask("pid")); // it holds a child now
        clients.add(client);
      }
      await("four children", () -> mpm.children().size() == 4); // one answers before it says READY
      events.await("the limit", LimitReached.class::isInstance);
      ForkedServers.close(clients);
      awaitChildren(mpm, 2);
      events.await(2, ChildExited.class);
      List<LifecycleEvent> all = events.all();
      List<LifecycleEvent> afterwards =
          all.subList(events.indexOf(ChildDraining.class::isInstance), all.size());
      assertTrue(afterwards.stream().noneMatch(ChildStarted.class::isInstance), all.toString());
      assertEquals(4, events.all(ChildStarted.class).size(), all.toString());
      assertEquals(1, events.all(LimitReached.class).size(), all.toString());
      assertTrue(
          events.all(ChildExited.class).stream().allMatch(e -> e.cause() == ExitCause.DRAINED),
          all.toString());
      assertServes(mpm);
    }
  }

  @Test
  void scalesAsTold() throws Exception {
    try (Mpm mpm = start(dynamic(), events)) {
      List<Customer> customers = Customer.some(1, address(mpm));
      try {
        mpm.scale(3);
        awaitChildren(mpm, 3);
        assertEquals(3, mpm.status().pinned());
        mpm.scale(1);
        awaitChildren(mpm, 1);
        mpm.scale(0);
        // MinSpareServers beside the one that is busy, and up to MaxSpareServers
        await("a spare child", () -> mpm.children().size() >= 2);
        assertEquals(0, mpm.status().pinned());
        assertThrows(IllegalArgumentException.class, () -> mpm.scale(5));
        assertThrows(IllegalArgumentException.class, () -> mpm.scale(-1));
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
    }
  }

  @Test
  void staysAtALimitThatIsStatic() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.PREFORK, 2), events)) {
      assertEquals(2, mpm.children().size());
      long killed = mpm.children().getFirst();
      Processes.kill(killed);
      ForkedServers.awaitReplacement(mpm, killed, List.of(mpm.children().getLast()));
      awaitChildren(mpm, 2);
    }
  }

  @Test
  void startsChildrenOnDemand() throws Exception {
    MpmConfigBuilder config =
        quick(ProcessModel.EVENT)
            .listen("127.0.0.1:0")
            .threadsPerChild(2)
            .maxRequestWorkers(4)
            .processManager(ProcessPolicy.ONDEMAND)
            .processIdleTimeout(Duration.ofSeconds(1));
    try (Mpm mpm = start(config, events)) {
      for (int round = 1; round <= 2; round++) {
        assertEquals(List.of(), mpm.children());
        assertEquals(List.of(), Processes.childrenOfThisProcess());
        assertServes(mpm);
        awaitChildren(mpm, 0);
        events.await(round, ChildExited.class);
      }
      assertEquals(2, events.all(ChildStarted.class).size(), events.all().toString());
    }
  }
}
