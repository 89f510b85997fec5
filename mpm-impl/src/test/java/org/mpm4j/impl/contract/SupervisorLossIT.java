package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.occupy;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.os.OpenDescriptors;

/// What becomes of the children when the supervisor is killed, terminated, or stopped and
/// continued.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class SupervisorLossIT {
  /// Longer than `HeartbeatTimeout` of [SupervisorMain], the longest of those that matter here.
  private static final int STOPPED_MILLIS = 4500;

  @TempDir Path directory;

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  private static void assertNothingLeft(SupervisorProcess supervisor) throws Exception {
    supervisor.awaitEndOfOutput();
    Processes.awaitGone(supervisor.childrenEver());
    int port = supervisor.port();
    Processes.await("a free port", () -> Processes.isFree(port));
  }

  @ParameterizedTest
  @EnumSource(
      value = ProcessModel.class,
      names = {"EVENT", "PREFORK"})
  void childrenEndWithTheSupervisor(ProcessModel model) throws Exception {
    try (SupervisorProcess supervisor = new SupervisorProcess(model, 1);
        SocketClient busy = new SocketClient(supervisor.address())) {
      assertTrue(supervisor.childrenEver().contains(pidOf(busy.ask("pid"))));
      busy.send("sleep 60000\n");
      supervisor.kill();
      assertNothingLeft(supervisor);
      assertTrue(busy.ended());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reload to generation 1 started", "generation 1) ready", "draining"})
  void childrenEndWithASupervisorThatReloads(String step) throws Exception {
    try (SupervisorProcess supervisor = new SupervisorProcess(ProcessModel.PREFORK, 1);
        SocketClient busy = new SocketClient(supervisor.address())) {
      var _ = pidOf(busy.ask("pid"));
      occupy(busy, directory.resolve("never"));
      supervisor.command("reload");
      var _ = supervisor.awaitEvent(step);
      supervisor.kill();
      assertNothingLeft(supervisor);
      assertTrue(busy.ended());
    }
  }

  @Test
  void answersInFullWhenTheSupervisorIsKilled() throws Exception {
    try (SupervisorProcess supervisor = new SupervisorProcess(ProcessModel.WORKER, 20);
        SocketClient busy = new SocketClient(supervisor.address())) {
      long pid = pidOf(busy.ask("pid"));
      occupy(busy, directory.resolve("go"));
      supervisor.kill();
      Files.createFile(directory.resolve("go"));
      assertEquals(pid, pidOf(busy.line()));
      assertNothingLeft(supervisor);
    }
  }

  @Test
  void answersInFullWhenItIsTerminated() throws Exception {
    try (SupervisorProcess supervisor = new SupervisorProcess(ProcessModel.PREFORK, 20);
        SocketClient busy = new SocketClient(supervisor.address())) {
      long pid = pidOf(busy.ask("pid"));
      occupy(busy, directory.resolve("go"));
      Processes.signal("TERM", supervisor.pid());
      var _ = supervisor.awaitEvent("draining: stop");
      Files.createFile(directory.resolve("go"));
      assertEquals(pid, pidOf(busy.line()));
      assertNothingLeft(supervisor);
      Processes.await("the end of the supervisor", () -> Processes.gone(supervisor.pid()));
    }
  }

  @Test
  void sparesTheChildrenThatASupervisorCouldNotSee() throws Exception {
    try (SupervisorProcess supervisor = new SupervisorProcess(ProcessModel.EVENT, 1);
        SocketClient client = new SocketClient(supervisor.address())) {
      List<Long> before = supervisor.childrenEver();
      long pid = pidOf(client.ask("pid"));
      Processes.signal("STOP", supervisor.pid());
      Thread.sleep(STOPPED_MILLIS); // the time itself is what is tested
      assertEquals(pid, pidOf(client.ask("pid")));
      Processes.signal("CONT", supervisor.pid());
      long then = age(supervisor);
      Processes.await("two more looks", () -> age(supervisor) - then > 2100);
      assertEquals(before, supervisor.childrenEver());
      for (long child : before) {
        assertTrue(!Processes.gone(child), "child " + child);
      }
      assertEquals(pid, pidOf(client.ask("pid")));
    }
  }

  /// The age of the youngest child, by the supervisor's clock.
  private static long age(SupervisorProcess supervisor) throws Exception {
    String answer = supervisor.ask("ages", "ages ");
    return Arrays.stream(answer.split(" ", -1)).skip(1).mapToLong(Long::parseLong).min().orElse(0);
  }
}
