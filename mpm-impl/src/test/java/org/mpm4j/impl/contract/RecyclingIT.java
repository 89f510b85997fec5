package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.start;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ChildId;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleEvent.ChildDraining;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.LifecycleEvent.ChildReady;
import org.mpm4j.LifecycleEvent.ChildStarted;
import org.mpm4j.Mpm;
import org.mpm4j.ProcessModel;
import org.mpm4j.Share;
import org.mpm4j.impl.os.OpenDescriptors;

/// Children that are worn out are replaced, and no client notices.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class RecyclingIT {
  private static final String REPLACES = "replaces ";

  private final EventLog events = new EventLog();

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  /// Replacements in the order of the events. Fails if a child drains before the one that replaces
  /// it is ready.
  ///
  /// @return the most children that were being replaced at a time
  private static int mostAtATime(List<LifecycleEvent> all) {
    Map<String, ChildId> replacements = new HashMap<>();
    Map<ChildId, Integer> ready = new HashMap<>();
    int now = 0;
    int most = 0;
    for (int i = 0; i < all.size(); i++) {
      switch (all.get(i)) {
        case ChildStarted(ChildId child, String why) when why.startsWith(REPLACES) -> {
          String old = why.substring(REPLACES.length(), why.indexOf(")") + 1);
          assertEquals(null, replacements.put(old, child), "replaced twice: " + old);
          most = Math.max(most, ++now);
        }
        case ChildReady(ChildId child, _) -> ready.put(child, i);
        case ChildDraining(ChildId child, _) ->
            assertTrue(
                ready.containsKey(replacements.get(child.toString())),
                child + " drains at " + i + " of " + all);
        case ChildExited exited -> {
          assertEquals(ExitCause.DRAINED, exited.cause(), exited.toString());
          now--;
        }
        default -> {}
      }
    }
    return most;
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void replacesChildrenThatHaveServedEnough(ProcessModel model) throws Exception {
    try (Mpm mpm =
        start(
            fixed(model, 4).maxConnectionsPerChild(60).maxRecyclingChildren(Share.count(1)),
            events)) {
      List<Customer> customers = Customer.some(4, address(mpm));
      try {
        Processes.await("replacements", () -> events.all(ChildExited.class).size() >= 3);
        List<LifecycleEvent> seen = events.all();
        assertEquals(1, mostAtATime(seen), seen.toString());
        List<ChildDraining> draining = events.all(ChildDraining.class);
        assertTrue(draining.getFirst().why().contains("MaxConnectionsPerChild"));
        Customer.awaitMoreAnswers(customers);
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
    }
  }

  @Test
  void replacesAChildThatIsOld() throws Exception {
    try (Mpm mpm =
        start(fixed(ProcessModel.PREFORK, 1).maxChildAge(Duration.ofSeconds(2)), events)) {
      List<Customer> customers = Customer.some(1, address(mpm));
      try {
        events.await("the end of a child", ChildExited.class::isInstance);
        assertEquals(1, mostAtATime(events.all()));
        assertTrue(events.all(ChildDraining.class).getFirst().why().contains("MaxChildAge"));
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
    }
  }

  @Test
  void replacesAChildThatIsLarge() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 1).maxChildMemory(400L << 20), events)) {
      long large = mpm.children().getFirst();
      List<Customer> customers = Customer.some(2, address(mpm));
      try (SocketClient client = new SocketClient(address(mpm))) {
        Customer.awaitMoreAnswers(customers);
        assertEquals(List.of(large), mpm.children());
        assertEquals("what?", client.ask("leak " + (450L << 20)));
        events.await("the end of a child", ChildExited.class::isInstance);
        assertEquals(large, events.all(ChildExited.class).getFirst().child().pid());
        assertEquals(1, mostAtATime(events.all()));
        assertTrue(events.all(ChildDraining.class).getFirst().why().contains("MaxChildMemory"));
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
    }
  }
}
