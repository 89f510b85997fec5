package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.impl.contract.ForkedServers.pidOf;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.Mpm;
import org.mpm4j.MpmOptions;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.os.ListenerChannels;

/// What a whole server's processes say, and whether it arrives.
@Timeout(240)
final class HostedOutputIT {
  private static final int GRACE_SECONDS = 20;

  @BeforeAll
  static void closeOneSocket() throws Exception {
    MpmContract.closeOneSocket();
  }

  private static SupervisorProcess start(String mood) throws Exception {
    return new SupervisorProcess(
        ProcessModel.WORKER,
        GRACE_SECONDS,
        BlockingServer.class,
        Map.of(BlockingServer.MOOD, mood));
  }

  @Test
  void arrivesAfterTheListenerWasClosed() throws Exception {
    try (SupervisorProcess server = start("");
        SocketClient client = new SocketClient(server.address())) {
      long deaf = pidOf(client.ask("close-listener"));
      var _ = client.ask("say after-close");
      server.awaitText("said after-close");
      server.awaitText("closed its listener 127.0.0.1:" + server.port());
      server.awaitEvent("(pid " + deaf + ", generation 0) ended: exit status 0");
      server.awaitText("drained by main");
      server.awaitText("closed in slot");
      ForkedServers.assertServes(server.address());
    }
  }

  @Test
  void namesWhatMadeTheListenerBlock() throws Exception {
    try (SupervisorProcess server = start("");
        SocketClient client = new SocketClient(server.address())) {
      assertTrue(client.ask("flip").endsWith(" keep"));
      server.awaitText(
          "the listening socket 127.0.0.1:" + server.port() + " was put into blocking mode");
      ForkedServers.assertServes(server.address());
    }
  }

  @Test
  void warnsThatNobodyAccepts() throws Exception {
    try (SupervisorProcess server = start("open-nothing")) {
      server.awaitText("returned without opening the listener 127.0.0.1:" + server.port());
    }
  }

  /// A server in this JVM, for [#servesInProcess()].
  static final class InProcess {
    private InProcess() {}

    /// Serves until standard input ends.
    public static void main(String[] args) throws Exception {
      try (Mpm mpm =
          Mpm.startInProcess(
              ForkedServers.fixed(ProcessModel.WORKER, 1).build(),
              new BlockingServer(),
              MpmOptions.none())) {
        System.out.println("port " + ForkedServers.port(mpm));
        while (System.in.read() >= 0) {
          System.out.println(
              "accesses " + mpm.status().children().getFirst().counters().accesses());
        }
      }
      System.out.println("stopped");
    }
  }

  @Test
  void servesInProcess() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ListenerChannels.jvmOptions());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            InProcess.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      int port = Integer.parseInt(out.readLine().substring("port ".length()));
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      try (SocketClient client = new SocketClient(address)) {
        assertEquals(process.pid(), pidOf(client.ask("pid")));
        assertTrue(client.ask("who").endsWith(" 0 keep"));
      }
      process.outputWriter(StandardCharsets.UTF_8).append('?').flush();
      assertTrue(out.readLine().matches("accesses [12]")); // the second one may not be over
      process.outputWriter(StandardCharsets.UTF_8).close();
      assertEquals("drained by mpm-main", out.readLine());
      assertEquals("closed in slot 0", out.readLine());
      assertEquals("stopped", out.readLine());
      assertEquals(0, process.waitFor());
    } finally {
      process.destroyForcibly();
    }
  }
}
