package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.RequestReadTimeout;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.os.OpenDescriptors;

/// What every model promises, in whichever process it runs.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
abstract class MpmContract {
  static final int THREADS = 3;

  /// Where the children run.
  enum Children {
    IN_PROCESS,
    FORKED
  }

  final ProcessModel model;
  final Children children;
  @TempDir Path directory;

  MpmContract(ProcessModel model, Children children) {
    this.model = model;
    this.children = children;
  }

  /// The JDK keeps a socket from the first time on that it closes one: not this test's.
  @BeforeAll
  static void closeOneSocket() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket()) {
      client.connect(server.getLocalSocketAddress());
      server.accept().close();
    }
  }

  Mpm start(MpmConfig config, Class<? extends ServerApplication> application)
      throws StartException {
    if (children == Children.FORKED) {
      return Mpm.start(config, application);
    }
    try {
      return Mpm.startInProcess(config, application.getConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /// A thread is there for a moment after it has done, and said, everything.
  @AfterEach
  void leavesNoThread() throws Exception {
    Processes.await(() -> "the end of " + threads(), () -> threads().isEmpty());
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("mpm-"))
        .collect(Collectors.toSet());
  }

  Mpm start(MpmConfigBuilder config) throws StartException {
    return start(config.build(), CommandServer.class);
  }

  MpmConfigBuilder config() {
    return quiet().listen("127.0.0.1:0");
  }

  /// Everything but an address.
  MpmConfigBuilder quiet() {
    MpmConfigBuilder config =
        MpmConfig.builder(model)
            .timeout(Duration.ofSeconds(10))
            .maxKeepAliveRequests(0)
            .gracefulShutdownTimeout(Duration.ofSeconds(5));
    if (model.threaded()) {
      config.threadsPerChild(THREADS).maxRequestWorkers(THREADS).startServers(1);
      config.minSpareThreads(1).maxSpareThreads(THREADS);
    } else {
      config.startServers(1).minSpareServers(1).maxSpareServers(2).maxRequestWorkers(1);
    }
    return config;
  }

  static void assertSays(String expected, Throwable failure) {
    assertTrue(String.valueOf(failure.getMessage()).contains(expected), failure.toString());
  }

  static SocketAddress address(Mpm mpm) {
    return mpm.addresses().getFirst();
  }

  /// Waits until so many connections of an in-process or only child wait for their next exchange,
  /// and no other does anything.
  private static void awaitKeptAlive(Mpm mpm, int count) throws Exception {
    Processes.await(
        () -> count + " kept connections: " + mpm.status(),
        () -> {
          MpmStatus.Connections states = mpm.status().children().getFirst().states();
          return states.keepAlive() == count && states.sum() == count;
        });
  }

  @Test
  void servesAndKeepsAlive() throws Exception {
    try (Mpm mpm = start(config());
        SocketClient client = new SocketClient(address(mpm))) {
      for (int i = 0; i < 5; i++) {
        assertEquals(Integer.toString(i), client.ask("exchanges"));
      }
      assertEquals("bye", client.ask("close"));
      assertTrue(client.ended());
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (Mpm mpm = start(config());
        SocketClient client = new SocketClient(address(mpm))) {
      client.send("exchanges\n".repeat(3000));
      for (int i = 0; i < 3000; i++) {
        assertEquals(Integer.toString(i), client.line());
      }
      client.send("echo 3\nabcpid\nbig 40000\nexchanges\nclose\n");
      assertArrayEquals("abc".getBytes(StandardCharsets.US_ASCII), client.bytes(3));
      assertEquals("end", client.line());
      assertTrue(client.line().endsWith(" 0"));
      assertArrayEquals(CommandServer.pattern(40_000), client.bytes(40_000));
      assertEquals("end", client.line());
      assertEquals("3003", client.line());
      assertEquals("bye", client.line());
      assertTrue(client.ended());
    }
  }

  @Test
  void servesARequestSplitAnywhere() throws Exception {
    try (Mpm mpm = start(config());
        SocketClient client = new SocketClient(address(mpm))) {
      String request = "echo 4\nwxyz";
      for (int i = 1; i < request.length(); i++) {
        client.send(request.substring(0, i));
        Thread.sleep(2); // lets the parts arrive apart; either way is right
        client.send(request.substring(i));
        assertEquals("wxyzend", client.line());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"big 8388608", "write 8388608", "pieces 128"})
  void sendsALargeResponseToASlowReader(String command) throws Exception {
    try (Mpm mpm = start(config());
        SocketClient slow = new SocketClient(address(mpm), 4096)) {
      slow.send(command + "\n");
      byte[] start = slow.bytes(1000);
      if (model == ProcessModel.EVENT) {
        try (SocketClient other = new SocketClient(address(mpm))) {
          assertEquals("0", other.ask("exchanges"));
        }
      }
      byte[] rest = slow.bytes(8_388_608 - 1000);
      int period = command.startsWith("pieces") ? CommandServer.PIECE : 8_388_608;
      byte[] expected = CommandServer.pattern(period);
      assertArrayEquals(Arrays.copyOf(expected, 1000), start);
      for (int i = 0; i < rest.length; i++) {
        if (rest[i] != expected[(i + 1000) % period]) {
          assertEquals(expected[(i + 1000) % period], rest[i], "byte " + (i + 1000));
        }
      }
      assertEquals("end", slow.line());
      assertEquals("1", slow.ask("exchanges"));
    }
  }

  @Test
  void holdsNoThreadForSlowReadersUnderEvent() throws Exception {
    if (model != ProcessModel.EVENT) {
      return; // the other models have a thread for each connection
    }
    try (Mpm mpm = start(config())) {
      List<SocketClient> slow = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        SocketClient client = new SocketClient(address(mpm), 4096);
        slow.add(client);
        client.send("big 8388608\n");
        assertEquals(10, client.bytes(10).length);
      }
      try (SocketClient other = new SocketClient(address(mpm))) {
        assertEquals("0", other.ask("exchanges"));
      }
      for (SocketClient client : slow) {
        client.reset();
      }
    }
  }

  @Test
  void echoesALargeBody() throws Exception {
    try (Mpm mpm = start(config());
        SocketClient client = new SocketClient(address(mpm))) {
      byte[] body = CommandServer.pattern(3_000_000);
      client.send("echo 3000000\n");
      client.send(body);
      assertArrayEquals(body, client.bytes(body.length));
      assertEquals("end", client.line());
    }
  }

  @Test
  void sendsARegionOfAFile() throws Exception {
    Path file = Files.write(directory.resolve("file"), CommandServer.pattern(1_000_000));
    try (Mpm mpm = start(config());
        SocketClient client = new SocketClient(address(mpm))) {
      client.send("file " + file + " 1000 900000\n");
      byte[] expected = Arrays.copyOfRange(CommandServer.pattern(1_000_000), 1000, 901_000);
      assertArrayEquals(expected, client.bytes(900_000));
      assertEquals("end", client.line());
      client.send("file " + file + " 999990 100\n");
      assertEquals(10, client.bytes(10).length);
      assertTrue(client.ended(), "a file that is too short aborts");
    }
  }

  @Test
  void outlivesClientsThatReset() throws Exception {
    try (Mpm mpm = start(config())) {
      for (String begun :
          List.of("", "exch", "echo 10\nabc", "big 8388608\n", "pid\n", "suspend 50\n")) {
        SocketClient client = new SocketClient(address(mpm));
        client.send(begun);
        if (begun.startsWith("big")) {
          assertEquals(10, client.bytes(10).length);
        } else if (begun.startsWith("pid")) {
          client.line();
        }
        client.reset();
      }
      try (SocketClient client = new SocketClient(address(mpm))) {
        assertEquals("0", client.ask("exchanges"));
      }
    }
  }

  @Test
  void servesManyClients() throws Exception {
    int count = 500;
    try (Mpm mpm = start(config())) {
      List<SocketClient> clients = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        SocketClient client = new SocketClient(address(mpm));
        clients.add(client);
        client.send("exchanges\n");
        if (model != ProcessModel.EVENT) {
          assertEquals("0", client.line());
          client.close();
        }
      }
      if (model == ProcessModel.EVENT) {
        for (int round = 0; round < 3; round++) {
          for (SocketClient client : clients) {
            assertEquals(Integer.toString(round), client.line());
            client.send("exchanges\n");
          }
        }
      }
      for (SocketClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void listensToSeveralAddresses() throws Exception {
    Path path = directory.resolve("socket");
    try (Mpm mpm =
        start(
            config()
                .listen("127.0.0.1:0")
                .listen("[::1]:0")
                .listen(UnixDomainSocketAddress.of(path)))) {
      assertEquals(4, Set.copyOf(mpm.addresses()).size(), mpm.addresses().toString());
      for (SocketAddress address : mpm.addresses()) {
        if (address instanceof InetSocketAddress) {
          try (SocketClient client = new SocketClient(address)) {
            assertEquals("0", client.ask("exchanges"));
          }
        }
      }
      try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        client.connect(UnixDomainSocketAddress.of(path));
        client.write(ByteBuffer.wrap("close\n".getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(10);
        while (client.read(answer) >= 0) {}
        assertEquals(4, answer.position());
      }
    }
    assertTrue(Files.notExists(path));
  }

  @Test
  void closesAnIdleConnection() throws Exception {
    try (Mpm mpm = start(config().keepAliveTimeout(Duration.ofMillis(200)));
        SocketClient client = new SocketClient(address(mpm))) {
      assertEquals("0", client.ask("exchanges"));
      assertTrue(client.ended());
    }
  }

  @Test
  void closesAfterMaxKeepAliveRequests() throws Exception {
    try (Mpm mpm = start(config().maxKeepAliveRequests(3));
        SocketClient client = new SocketClient(address(mpm))) {
      client.send("exchanges\n".repeat(5));
      assertEquals("0", client.line());
      assertEquals("1", client.line());
      assertEquals("2", client.line());
      assertTrue(client.ended());
    }
  }

  @Test
  void closesTheOldestIdleConnection() throws Exception {
    if (model != ProcessModel.EVENT) {
      return;
    }
    try (Mpm mpm = start(config().maxKeepAliveConnections(2));
        SocketClient first = new SocketClient(address(mpm));
        SocketClient second = new SocketClient(address(mpm));
        SocketClient third = new SocketClient(address(mpm))) {
      assertEquals("0", second.ask("exchanges"));
      awaitKeptAlive(mpm, 1); // a connection begins to wait after the client has its answer
      assertEquals("0", first.ask("exchanges"));
      awaitKeptAlive(mpm, 2);
      assertEquals("0", third.ask("exchanges"));
      try (SocketClient fourth = new SocketClient(address(mpm))) {
        assertTrue(second.ended());
        assertEquals("1", third.ask("exchanges"));
        assertEquals("0", fourth.ask("exchanges"));
        assertTrue(first.ended());
      }
    }
  }

  @Test
  void timesOutHalfARequest() throws Exception {
    RequestReadTimeout timeout =
        new RequestReadTimeout(
            RequestReadTimeout.Stage.seconds(1, 0, 0), RequestReadTimeout.Stage.seconds(1, 0, 0));
    // deferred, so that the time does not begin before the first half is there
    try (Mpm mpm = start(config().deferAccept(true).requestReadTimeout(timeout))) {
      for (String half : List.of("exch", "echo 10\nabc")) {
        try (SocketClient client = new SocketClient(address(mpm))) {
          client.send(half);
          assertEquals("timed out", client.line());
          assertTrue(client.ended());
        }
      }
    }
    try (Mpm mpm = start(config().deferAccept(false).requestReadTimeout(timeout))) {
      try (SocketClient silent = new SocketClient(address(mpm))) {
        assertTrue(silent.ended());
      }
    }
  }

  @Test
  void timesOutAClientThatDoesNotRead() throws Exception {
    try (Mpm mpm = start(config().timeout(Duration.ofSeconds(1)));
        SocketClient client = new SocketClient(address(mpm), 4096)) {
      int before = CommandServer.CLOSED.get();
      client.send("big 8388608\n");
      if (children == Children.IN_PROCESS) {
        Processes.await("a close", () -> CommandServer.CLOSED.get() > before);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"throw", "error"})
  void outlivesAFailureOfTheHandler(String failure) throws Exception {
    try (Mpm mpm = start(config())) {
      for (int i = 0; i < 2 * THREADS; i++) {
        try (SocketClient client = new SocketClient(address(mpm))) {
          client.send(failure + "\n");
          assertTrue(client.ended());
        }
      }
      try (SocketClient client = new SocketClient(address(mpm))) {
        assertEquals("0", client.ask("exchanges"));
      }
    }
  }

  @Test
  void resumesEarlyAndLate() throws Exception {
    try (Mpm mpm = start(config());
        SocketClient client = new SocketClient(address(mpm))) {
      for (int i = 0; i < 20; i++) {
        assertEquals("resumed", client.ask("suspend " + (i % 3)));
      }
      assertEquals("20", client.ask("exchanges"));
    }
  }

  @SuppressWarnings("try") // closes early on purpose
  @Test
  void finishesTheExchangeBeforeItStops() throws Exception {
    try (Mpm mpm = start(config().deferAccept(false));
        SocketClient busy = new SocketClient(address(mpm));
        SocketClient idle = new SocketClient(address(mpm))) {
      Path go = directory.resolve("go");
      assertEquals("waits", busy.ask("await " + go));
      CompletableFuture<Void> stop = CompletableFuture.runAsync(mpm::close);
      Processes.await("a stop", () -> mpm.status().phase() == MpmStatus.Phase.STOPPING);
      Files.createFile(go);
      String answer = busy.line();
      assertTrue(answer.matches("\\d+ 0 0 (keep|close)"), answer);
      assertTrue(busy.ended());
      busy.close();
      stop.join();
      mpm.join();
      assertEquals(List.of(), mpm.children());
      assertTrue(idle.ended());
      assertThrows(IOException.class, () -> new SocketClient(address(mpm)).close());
    }
  }

  /// Everything that it could wait for takes an hour.
  @ParameterizedTest
  @ValueSource(strings = {"sleep 3600000", "suspend 3600000", "big 100000000", "echo 5\na", "exch"})
  void stopsAtOnce(String command) throws Exception {
    Duration hour = Duration.ofHours(1);
    try (Mpm mpm = start(config().timeout(hour).gracefulShutdownTimeout(hour));
        SocketClient client = new SocketClient(address(mpm))) {
      assertEquals("0", client.ask("exchanges"));
      client.send(command.startsWith("exch") ? command : command + "\n");
      Thread.sleep(100); // lets it begin; either way it has to stop
      mpm.stop(StopMode.IMMEDIATE);
    }
  }

  @SuppressWarnings("try") // closes early on purpose
  @Test
  void boundsAGracefulStop() throws Exception {
    try (Mpm mpm = start(config().gracefulShutdownTimeout(Duration.ofSeconds(1)));
        SocketClient client = new SocketClient(address(mpm))) {
      assertEquals("waits", client.ask("await " + directory.resolve("never")));
      mpm.close();
    }
  }

  /// May not be called by several threads.
  public static final class SingleThreaded implements ServerApplication {
    /// For the children.
    public SingleThreaded() {}

    @Override
    public org.mpm4j.ConnectionHandler open(org.mpm4j.ChildContext child) {
      return _ -> org.mpm4j.Disposition.CLOSE;
    }

    @Override
    public boolean threadSafe() {
      return false;
    }
  }

  @Test
  void refusesAnApplicationThatIsNotThreadSafe() throws Exception {
    if (model.threaded()) {
      StartException refusal =
          assertThrows(
              StartException.class, () -> start(config().build(), SingleThreaded.class).close());
      assertSays("is not thread-safe", refusal);
    } else {
      start(config().build(), SingleThreaded.class).close();
    }
  }

  /// Does not open.
  public static final class Broken implements ServerApplication {
    /// For the children.
    public Broken() {}

    @Override
    public org.mpm4j.ConnectionHandler open(org.mpm4j.ChildContext child) throws IOException {
      throw new IOException("the moon is full");
    }
  }

  @Test
  void reportsAnApplicationThatDoesNotOpen() {
    StartException refusal =
        assertThrows(StartException.class, () -> start(config().build(), Broken.class).close());
    assertSays("the moon is full", refusal);
  }

  @Test
  void namesTheAddressThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      StartException refusal =
          assertThrows(StartException.class, () -> start(quiet().listen(address)).close());
      assertSays(address, refusal);
    }
  }

  @Test
  void refusesASecondServerWithThePidFile() throws Exception {
    Path file = directory.resolve("pid");
    Files.writeString(file, "1\n"); // stale
    try (Mpm mpm = start(config().pidFile(file))) {
      long pid = ProcessHandle.current().pid();
      assertEquals(pid + "\n", Files.readString(file));
      StartException refusal =
          assertThrows(StartException.class, () -> start(config().pidFile(file)).close());
      assertEquals("PidFile " + file + ": already running with pid " + pid, refusal.getMessage());
      assertEquals(1, mpm.children().size());
    }
    assertTrue(Files.notExists(file));
  }
}
