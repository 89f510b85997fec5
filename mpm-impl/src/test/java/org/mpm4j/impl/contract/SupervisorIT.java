package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.address;
import static org.mpm4j.impl.contract.ForkedServers.awaitReplacement;
import static org.mpm4j.impl.contract.ForkedServers.clientOf;
import static org.mpm4j.impl.contract.ForkedServers.clientsOfAll;
import static org.mpm4j.impl.contract.ForkedServers.close;
import static org.mpm4j.impl.contract.ForkedServers.fixed;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;
import static org.mpm4j.impl.contract.ForkedServers.without;
import static org.mpm4j.impl.contract.Processes.assertNothingLeft;
import static org.mpm4j.impl.contract.Processes.freePort;
import static org.mpm4j.impl.contract.Processes.kill;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.os.OpenDescriptors;

/// What becomes of children that end, of servers that cannot start, and of everything at the end.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class SupervisorIT {
  private static final int CLIENTS = 4;

  @TempDir Path directory;

  /// The JDK keeps a socket from the first time on that it closes one: not this test's.
  @BeforeAll
  static void closeOneSocket() throws IOException {
    MpmContract.closeOneSocket();
  }

  private static Mpm start(MpmConfigBuilder config) throws StartException {
    return Mpm.start(config.build(), CommandServer.class);
  }

  private static void assertSays(String expected, Throwable failure) {
    assertTrue(String.valueOf(failure.getMessage()).contains(expected), failure.toString());
  }

  // ---- children that end ----

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void replacesAChildThatWasKilled(ProcessModel model) throws Exception {
    try (Mpm mpm = start(fixed(model, 2))) {
      List<Customer> customers = Customer.some(CLIENTS, address(mpm));
      try {
        for (int round = 0; round < 2; round++) {
          Customer.awaitMoreAnswers(customers);
          List<Long> before = mpm.children();
          assertEquals(2, before.size());
          kill(before.getFirst());
          awaitReplacement(mpm, before.getFirst(), List.of(before.getLast()));
          Customer.awaitMoreAnswers(customers);
        }
      } finally {
        Customer.stop(customers);
      }
      for (Customer customer : customers) {
        // what a child was serving when it was killed is lost: one connection of each customer
        assertTrue(customer.failures.size() <= 2, customer.failures.toString());
        assertFalse(customer.failures.toString().contains("REFUSED"), customer.failures.toString());
      }
    }
  }

  @Test
  void servesTheBacklogOfAChildThatWasKilled() throws Exception {
    MpmConfigBuilder config = fixed(ProcessModel.PREFORK, 1).maxKeepAliveRequests(1);
    try (Mpm mpm = start(config);
        SocketClient occupied = new SocketClient(address(mpm))) {
      long killed = mpm.children().getFirst();
      occupied.send("pieces 1000\n");
      assertEquals(1000, occupied.bytes(1000).length); // so it has begun
      List<SocketClient> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        SocketClient client = new SocketClient(address(mpm));
        waiting.add(client);
        client.send("pid\n");
      }
      kill(killed);
      awaitReplacement(mpm, killed, List.of());
      long replacement = mpm.children().getFirst();
      for (SocketClient client : waiting) {
        assertEquals(replacement, pidOf(client.line()));
        client.close();
      }
      assertTrue(endsEarly(occupied));
    }
  }

  private static boolean endsEarly(SocketClient client) throws IOException {
    try {
      return client.bytes(1000 * CommandServer.PIECE).length < 1000 * CommandServer.PIECE - 1000;
    } catch (SocketException _) {
      return true;
    }
  }

  @Test
  void replacesAChildThatHalts() throws Exception {
    try (Mpm mpm = start(fixed(ProcessModel.EVENT, 2))) {
      List<Long> pids = mpm.children();
      long halted = pids.getLast();
      long other = pids.getFirst();
      List<SocketClient> clients = clientsOfAll(mpm, pids);
      SocketClient unaffected = clientOf(clients, other);
      String exchanges = unaffected.ask("exchanges");
      SocketClient last = clientOf(clients, halted);
      last.send("halt\n");
      assertTrue(last.ended());
      awaitReplacement(mpm, halted, List.of(other));
      assertNotEquals(exchanges, unaffected.ask("exchanges"));
      assertEquals(other, pidOf(unaffected.ask("pid")));
      close(clients);
    }
  }

  /// Takes all memory there is if it is sent an `m`, and answers with its pid otherwise.
  public static final class Hoarder implements ServerApplication {
    private final List<byte[]> hoard = new ArrayList<>();

    /// For the children.
    public Hoarder() {}

    @Override
    public ConnectionHandler open(ChildContext child) {
      return connection -> {
        if (!connection.input().hasRemaining()) {
          return Disposition.AWAIT_READABLE;
        }
        boolean hoarding = connection.input().get() == 'm';
        while (hoarding) {
          hoard.add(new byte[100_000]);
        }
        String answer = ProcessHandle.current().pid() + " " + child.slot() + "\n";
        connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
        return Disposition.KEEP_ALIVE;
      };
    }
  }

  @Test
  void replacesAChildWithoutMemory() throws Exception {
    MpmConfigBuilder config = fixed(ProcessModel.EVENT, 2).childJvmOption("-Xmx32m");
    try (Mpm mpm = Mpm.start(config.build(), Hoarder.class)) {
      List<Long> pids = mpm.children();
      try (SocketClient client = new SocketClient(address(mpm))) {
        client.send("p");
        long pid = pidOf(client.line());
        assertTrue(pids.contains(pid));
        client.send("m");
        assertTrue(client.ended());
        awaitReplacement(mpm, pid, without(pids, pid));
      }
      try (SocketClient client = new SocketClient(address(mpm))) {
        client.send("p");
        assertTrue(mpm.children().contains(pidOf(client.line())));
      }
    }
  }

  // ---- servers that cannot start ----

  /// Fails with a cause.
  public static final class Broken implements ServerApplication {
    /// For the children.
    public Broken() {}

    @Override
    public ConnectionHandler open(ChildContext child) throws IOException {
      throw new IOException("the moon is full");
    }
  }

  /// Never opens.
  public static final class Hanging implements ServerApplication {
    /// For the children.
    public Hanging() {}

    @Override
    public ConnectionHandler open(ChildContext child) throws Exception {
      new CountDownLatch(1).await();
      return _ -> Disposition.CLOSE;
    }
  }

  private StartException refusal(
      MpmConfigBuilder config, int port, Class<? extends ServerApplication> application)
      throws Exception {
    Path pidFile = directory.resolve("pid");
    Path scoreboard = directory.resolve("scoreboard");
    MpmConfig all =
        config.pidFile(pidFile).scoreBoardFile(scoreboard).listen("127.0.0.1:" + port).build();
    StartException refusal =
        assertThrows(StartException.class, () -> Mpm.start(all, application).close());
    assertNothingLeft(List.of(), port);
    assertTrue(Files.notExists(pidFile), "PidFile");
    assertTrue(Files.notExists(scoreboard), "ScoreBoardFile");
    return refusal;
  }

  @Test
  void saysWhyTheApplicationDoesNotOpen() throws Exception {
    StartException refusal = refusal(fixed(ProcessModel.EVENT, 2), freePort(), Broken.class);
    assertSays(Broken.class.getName(), refusal);
    assertSays("java.io.IOException: the moon is full", refusal);
    assertSays("\tat " + Broken.class.getName() + ".open(SupervisorIT.java:", refusal);
  }

  @Test
  void givesUpAnApplicationThatDoesNotOpenInTime() throws Exception {
    StartException refusal =
        refusal(
            fixed(ProcessModel.EVENT, 2).childStartTimeout(Duration.ofSeconds(1)),
            freePort(),
            Hanging.class);
    assertSays("ChildStartTimeout", refusal);
  }

  @Test
  void namesTheApplicationThatIsNotThreadSafe() throws Exception {
    Class<? extends ServerApplication> application = MpmContract.SingleThreaded.class;
    StartException refusal = refusal(fixed(ProcessModel.EVENT, 2), freePort(), application);
    assertSays(application.getName() + " is not thread-safe", refusal);
    assertSays("Mpm prefork", refusal);
  }

  @Test
  void saysThatTheJvmDidNotStart() throws Exception {
    StartException refusal =
        refusal(
            fixed(ProcessModel.EVENT, 2).childJvmOption("-XX:NoSuchOption"),
            freePort(),
            CommandServer.class);
    assertSays("ended before it was ready: exit status 1", refusal);
  }

  // ---- the end ----

  @SuppressWarnings("try") // closes early on purpose
  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void leavesNothing(ProcessModel model) throws Exception {
    Path pidFile = directory.resolve("pid");
    Path scoreboard = directory.resolve("scoreboard");
    MpmConfigBuilder config =
        fixed(model, 2)
            .pidFile(pidFile)
            .scoreBoardFile(scoreboard)
            .timeout(Duration.ofHours(1))
            .gracefulShutdownTimeout(Duration.ofHours(1)); // waited for, the test would not end
    try (Mpm mpm = start(config);
        SocketClient busy = new SocketClient(address(mpm))) {
      List<Long> pids = mpm.children();
      assertEquals(2, pids.size());
      assertEquals(
          Set.copyOf(pids),
          Set.copyOf(ProcessHandle.current().children().map(ProcessHandle::pid).toList()));
      assertTrue(Files.exists(scoreboard), "ScoreBoardFile");
      assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(pidFile));
      busy.send("pieces 1000\n");
      assertEquals(1000, busy.bytes(1000).length); // so it has begun
      int port = ((InetSocketAddress) address(mpm)).getPort();
      mpm.stop(StopMode.IMMEDIATE);
      assertEquals(List.of(), mpm.children());
      busy.close();
      assertNothingLeft(pids, port);
      assertTrue(Files.notExists(pidFile), "PidFile");
      assertTrue(Files.notExists(scoreboard), "ScoreBoardFile");
    }
  }
}
