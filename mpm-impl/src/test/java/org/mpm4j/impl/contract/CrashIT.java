package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.assertServes;
import static org.mpm4j.impl.contract.ForkedServers.awaitChildren;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;
import static org.mpm4j.impl.contract.ForkedServers.start;
import static org.mpm4j.impl.contract.Processes.await;
import static org.mpm4j.impl.contract.Processes.kill;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleEvent.BreakerClosed;
import org.mpm4j.LifecycleEvent.BreakerOpened;
import org.mpm4j.LifecycleEvent.ChildExited;
import org.mpm4j.LifecycleEvent.ChildStarted;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Happening;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.os.OpenDescriptors;

/// Children that die again and again: seen, not fed, and forgiven when the cause is gone.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class CrashIT {
  private static final int LIMIT = 2;

  @TempDir Path directory;

  private final EventLog events = new EventLog();

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  /// Its children die, in this mood, while the file exists.
  private MpmConfigBuilder mortal(String mood, int children) {
    return fixed(ProcessModel.EVENT, children)
        .childEnvironment(MoodyServer.MOOD, mood + " " + cause())
        .childRestartLimit(LIMIT);
  }

  private Path cause() {
    return directory.resolve("cause");
  }

  private static BreakerState breaker(Mpm mpm) {
    return mpm.status().breaker().state();
  }

  /// Lets the only child of a server die, and those that replace it, until none is started.
  private void breakDown(Mpm mpm) throws Exception {
    Files.createFile(cause());
    kill(mpm.children().getFirst());
    AtomicReference<Breaker> seen = new AtomicReference<>(mpm.status().breaker());
    await(
        "an open breaker",
        () -> {
          seen.set(mpm.status().breaker());
          return seen.get().state() == BreakerState.OPEN;
        });
    events.await("an open breaker", BreakerOpened.class::isInstance);
    List<LifecycleEvent> before =
        events.all().subList(0, events.indexOf(BreakerOpened.class::isInstance));
    // the fleet of one and the limit may die, and one more is too many
    assertEquals(LIMIT + 2, before.stream().filter(ChildStarted.class::isInstance).count());
    // of the moment in which it was open: it may be half-open again by now
    assertTrue(seen.get().why().contains("died: exit status 5"), seen.toString());
    assertFalse(seen.get().nextStart().isZero());
  }

  @Test
  void healsWhenTheCauseIsGone() throws Exception {
    MpmConfigBuilder config =
        mortal("die-soon-while", 1).childRestartCoolDown(Duration.ofSeconds(1));
    try (Mpm mpm = start(config, events)) {
      breakDown(mpm);
      int opened = events.all(BreakerOpened.class).size();
      await("another try", () -> events.all(BreakerOpened.class).size() > opened);
      Files.delete(cause());
      try (SocketClient waiting = new SocketClient(address(mpm))) {
        var _ = pidOf(waiting.ask("pid"));
      }
      events.await("a closed breaker", BreakerClosed.class::isInstance);
      await("a closed breaker", () -> breaker(mpm) == BreakerState.CLOSED);
      int failedTries = events.all(BreakerOpened.class).size() - 1;
      assertEquals(LIMIT + 2 + failedTries + 1, events.all(ChildStarted.class).size());
      assertEquals("", mpm.status().breaker().why());
      awaitChildren(mpm, 1);
    }
  }

  @Test
  void startsAgainAtOnceIfTold() throws Exception {
    MpmConfigBuilder config = mortal("die-soon-while", 1).childRestartCoolDown(Duration.ofHours(1));
    try (Mpm mpm = start(config, events)) {
      breakDown(mpm);
      Files.delete(cause());
      mpm.resetBreaker();
      assertServes(mpm);
      await("a closed breaker", () -> breaker(mpm) == BreakerState.CLOSED);
      events.await("a closed breaker", BreakerClosed.class::isInstance);
      awaitChildren(mpm, 1);
    }
  }

  @Test
  void paysWithPausesForChildrenThatDoNotBecomeReady() throws Exception {
    try (Mpm mpm = start(mortal("die-while", 2).childRestartLimit(100), events)) {
      List<Long> pids = mpm.children();
      Files.createFile(cause());
      kill(pids.getFirst());
      events.await("a death", ChildExited.class::isInstance);
      List<Customer> customers = Customer.some(2, address(mpm));
      try {
        events.await(3, ChildExited.class);
        assertTrue(mpm.status().breaker().why().contains("ended before it was ready"));
        assertEquals(BreakerState.CLOSED, breaker(mpm));
        assertEquals(List.of(pids.getLast()), mpm.children());
        Files.delete(cause());
        awaitChildren(mpm, 2);
        await("a forgiven death", () -> mpm.status().breaker().why().isEmpty());
      } finally {
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      List<ExitCause> causes =
          events.all(ChildExited.class).stream().map(ChildExited::cause).toList();
      assertEquals(ExitCause.DIED, causes.getFirst());
      assertEquals(
          Set.of(ExitCause.DIED_BEFORE_READY), Set.copyOf(causes.subList(1, causes.size())));
      assertEquals(2 + causes.size(), events.all(ChildStarted.class).size());
      assertPaused(mpm.status().recent().reversed());
    }
  }

  /// Fails unless, after the first death, the starts came later and later: 1, 2, 4 … seconds after
  /// the deaths that were told shortly before.
  private static void assertPaused(List<Happening> all) {
    Duration pause = Duration.ZERO;
    Instant death = Instant.MAX;
    for (Happening happening : all) {
      if (happening.text().contains(" died before it was ready")) {
        death = happening.at();
        pause = pause.isZero() ? Duration.ofSeconds(1) : pause.multipliedBy(2);
      } else if (happening.text().contains(" started: ") && !pause.isZero()) {
        Duration waited = Duration.between(death, happening.at());
        assertTrue(waited.multipliedBy(2).compareTo(pause) >= 0, waited + " among " + all);
      }
    }
    assertTrue(pause.toSeconds() >= 2, all.toString());
  }

  @Test
  void goesOnWhereNoProcessCanBeHad() throws Exception {
    String home = System.getProperty("java.home");
    Path jdk = Files.createSymbolicLink(directory.resolve("jdk"), Path.of(home));
    System.setProperty("java.home", jdk.toString());
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 2), events)) {
      System.setProperty("java.home", home);
      List<Long> pids = mpm.children();
      Files.delete(jdk); // as if the JDK had been removed
      List<Customer> customers = List.of();
      try {
        kill(pids.getFirst());
        await("a failed start", () -> mpm.status().breaker().why().contains("could not start"));
        customers = Customer.some(2, address(mpm));
        Customer.awaitMoreAnswers(customers);
        int slot = mpm.status().children().getFirst().id().slot();
        assertTrue(mpm.threadDump(slot).contains("mpm-"));
      } finally {
        Files.createSymbolicLink(jdk, Path.of(home));
        Customer.stop(customers);
      }
      Customer.assertServed(customers);
      ForkedServers.awaitReplacement(mpm, pids.getFirst(), List.of(pids.getLast()));
      assertEquals(2 + 1, events.all(ChildStarted.class).size());
    } finally {
      System.setProperty("java.home", home);
    }
  }

  @Test
  void leavesNothingOfAChildThatDied() throws Exception {
    long last;
    try (Mpm mpm = start(fixed(ProcessModel.PREFORK, 1), events)) {
      long killed = mpm.children().getFirst();
      long orphan;
      try (SocketClient client = new SocketClient(address(mpm))) {
        orphan = Long.parseLong(client.ask("spawn"));
        kill(killed);
        assertTrue(client.ended());
      }
      ForkedServers.awaitReplacement(mpm, killed, List.of());
      Processes.awaitGone(List.of(orphan));
      awaitChildren(mpm, 1); // and no zombie beside it
      try (SocketClient client = new SocketClient(address(mpm))) {
        last = Long.parseLong(client.ask("spawn"));
      }
    }
    Processes.awaitGone(List.of(last));
    assertEquals(List.of(), Processes.childrenOfThisProcess());
  }
}
