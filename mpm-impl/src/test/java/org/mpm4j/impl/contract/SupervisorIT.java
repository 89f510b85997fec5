package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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
import org.mpm4j.ProcessPolicy;
import org.mpm4j.ServerApplication;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.os.OpenDescriptors;

/// What becomes of children that end, of servers that cannot start, and of everything at the end.
@Timeout(90)
@ExtendWith(OpenDescriptors.class)
final class SupervisorIT {
  private static final int CLIENTS = 4;

  @TempDir Path directory;

  /// The JDK keeps a socket from the first time on that it closes one: not this test's.
  @BeforeAll
  static void closeOneSocket() throws IOException {
    MpmContract.closeOneSocket();
  }

  /// The static policy, so that the number of children does not follow the load.
  static MpmConfigBuilder config(ProcessModel model, int children) {
    int threadsPerChild = model.threaded() ? 25 : 1; // the default
    return MpmConfig.builder(model)
        .listen("127.0.0.1:0")
        .processManager(ProcessPolicy.STATIC)
        .maxRequestWorkers(children * threadsPerChild)
        .timeout(Duration.ofSeconds(10))
        .gracefulShutdownTimeout(Duration.ofSeconds(5));
  }

  private static Mpm start(MpmConfigBuilder config) throws StartException {
    return Mpm.start(config.build(), CommandServer.class);
  }

  private static SocketAddress address(Mpm mpm) {
    return mpm.addresses().getFirst();
  }

  /// Waits; if it takes too long, prints what the children do and fails.
  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        printThreadsOfChildren();
        throw new AssertionError("not in time: " + what);
      }
      Thread.sleep(5); // between two looks
    }
  }

  private static void printThreadsOfChildren() throws Exception {
    for (ProcessHandle child : ProcessHandle.current().children().toList()) {
      System.err.println("child " + child.pid() + ": " + child.info());
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      var _ =
          new ProcessBuilder(jcmd, Long.toString(child.pid()), "Thread.print")
              .inheritIO()
              .start()
              .waitFor(10, TimeUnit.SECONDS);
    }
  }

  /// Whether no process runs with this pid; one that nobody has reaped does not run.
  private static boolean gone(long pid) throws IOException {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      if (state != 'Z' && state != 'X') {
        return false;
      }
      try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
        return threads.count() <= 1; // others may outlive the first one, with all descriptors
      }
    } catch (NoSuchFileException _) {
      return true;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return true; // it ended between open and read
      }
      throw e;
    }
  }

  private static void kill(long pid) {
    assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly(), "kill " + pid);
  }

  /// Waits until a new child serves in place of `ended`, beside all that are `left`.
  private static void awaitReplacement(Mpm mpm, long ended, List<Long> left) throws Exception {
    int count = left.size() + 1;
    await(
        "a child in place of " + ended + " beside " + left,
        () -> {
          List<Long> now = mpm.children();
          return now.size() == count && !now.contains(ended) && now.containsAll(left);
        });
    assertTrue(gone(ended), "process " + ended);
  }

  private static List<Long> without(List<Long> pids, long pid) {
    return pids.stream().filter(other -> other != pid).toList();
  }

  private static long pidOf(String answer) {
    assertTrue(answer.matches("\\d+ \\d+"), "not a pid and a slot: " + answer);
    return Long.parseLong(answer.substring(0, answer.indexOf(" ")));
  }

  /// Kept connections, at least one to each child.
  private static List<SocketClient> clientsOfAll(Mpm mpm, List<Long> pids) throws IOException {
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

  private static SocketClient clientOf(List<SocketClient> clients, long pid) throws IOException {
    for (SocketClient client : clients) {
      if (pidOf(client.ask("pid")) == pid) {
        return client;
      }
    }
    throw new AssertionError("no connection to " + pid);
  }

  private static void close(List<SocketClient> clients) throws IOException {
    for (SocketClient client : clients) {
      client.close();
    }
  }

  private static void assertNothingLeft(List<Long> pids, int port) throws Exception {
    for (long pid : pids) {
      assertTrue(gone(pid), "process " + pid + " is left");
    }
    assertEquals(List.of(), ProcessHandle.current().children().toList());
    assertPortFree(port);
  }

  private static void assertPortFree(int port) throws IOException {
    new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
  }

  private static boolean isFree(int port) throws IOException {
    try {
      assertPortFree(port);
      return true;
    } catch (BindException _) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void assertSays(String expected, Throwable failure) {
    assertTrue(String.valueOf(failure.getMessage()).contains(expected), failure.toString());
  }

  // ---- children that end ----

  /// Asks for a pid on one connection after the other until told to stop.
  private static final class Customer {
    final AtomicInteger answered = new AtomicInteger();
    final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final SocketAddress address;
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Thread thread;

    Customer(SocketAddress address) {
      this.address = address;
      thread = Thread.ofPlatform().name("customer").start(this::run);
    }

    private void run() {
      while (!enough.get()) {
        boolean connected = false;
        try (SocketClient client = new SocketClient(address)) {
          connected = true;
          String answer = client.ask("pid");
          if (answer.matches("\\d+ \\d+")) {
            answered.incrementAndGet();
          } else {
            failures.add(answer);
          }
        } catch (IOException e) {
          failures.add(connected ? e.toString() : "REFUSED " + e);
        }
      }
    }

    void stop() throws InterruptedException {
      enough.set(true);
      thread.join();
    }
  }

  private static void awaitMoreAnswers(List<Customer> customers) throws Exception {
    for (Customer customer : customers) {
      int before = customer.answered.get();
      await("more answers", () -> customer.answered.get() > before + 20);
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void replacesAChildThatWasKilled(ProcessModel model) throws Exception {
    try (Mpm mpm = start(config(model, 2))) {
      List<Customer> customers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        customers.add(new Customer(address(mpm)));
      }
      try {
        for (int round = 0; round < 2; round++) {
          awaitMoreAnswers(customers);
          List<Long> before = mpm.children();
          assertEquals(2, before.size());
          kill(before.getFirst());
          awaitReplacement(mpm, before.getFirst(), List.of(before.getLast()));
          awaitMoreAnswers(customers);
        }
      } finally {
        for (Customer customer : customers) {
          customer.stop();
        }
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
    MpmConfigBuilder config = config(ProcessModel.PREFORK, 1).maxKeepAliveRequests(1);
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

  @ParameterizedTest
  @EnumSource(
      value = ProcessModel.class,
      names = {"EVENT", "PREFORK"})
  void childrenEndWithTheSupervisor(ProcessModel model) throws Exception {
    Process supervisor =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SupervisorMain.class.getName(),
                model.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<Long> pids = new ArrayList<>();
    try (BufferedReader output = supervisor.inputReader(StandardCharsets.UTF_8)) {
      String line = String.valueOf(output.readLine());
      assertTrue(line.matches("\\d+ \\d+ \\d+"), line);
      String[] words = line.split(" ", -1);
      int port = Integer.parseInt(words[0]);
      pids.add(Long.valueOf(words[1]));
      pids.add(Long.valueOf(words[2]));
      try (SocketClient busy =
          new SocketClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        assertTrue(pids.contains(pidOf(busy.ask("pid"))));
        busy.send("sleep 60000\n");
        supervisor.destroyForcibly().waitFor();
        for (long pid : pids) {
          await("the end of orphan " + pid, () -> gone(pid));
        }
        assertTrue(busy.ended());
      }
      await("a free port", () -> isFree(port));
    } finally {
      supervisor.destroyForcibly().waitFor();
      supervisor.outputWriter(StandardCharsets.UTF_8).close();
      supervisor.errorReader(StandardCharsets.UTF_8).close();
      pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }
  }

  @Test
  void replacesAChildThatHalts() throws Exception {
    try (Mpm mpm = start(config(ProcessModel.EVENT, 2))) {
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
    MpmConfigBuilder config = config(ProcessModel.EVENT, 2).childJvmOption("-Xmx32m");
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

  @SuppressWarnings("SystemErrPrint")
  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void replacesAChildThatHasServedEnough(ProcessModel model) throws Exception {
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    Set<Long> met = new HashSet<>();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8)); // slf4j-simple logs there
    try (Mpm mpm = start(config(model, 2).maxConnectionsPerChild(10))) {
      List<Long> pids = mpm.children();
      int connections = 0;
      while (met.size() < 4) {
        assertTrue(connections++ < 5000, "none replaced: " + met);
        try (SocketClient client = new SocketClient(address(mpm))) {
          met.add(pidOf(client.ask("pid")));
        }
      }
      assertTrue(met.containsAll(pids));
      for (long pid : pids) {
        await("the end of " + pid, () -> !mpm.children().contains(pid) && gone(pid));
      }
      await("two children", () -> mpm.children().size() == 2);
    } finally {
      System.setErr(err);
      System.err.print(log.toString(StandardCharsets.UTF_8));
    }
    String text = log.toString(StandardCharsets.UTF_8);
    assertEquals(
        List.of(),
        text.lines()
            .filter(line -> line.contains(" ended: ") && !line.endsWith(" ended: exit status 0"))
            .toList());
    assertTrue(text.contains("draining: MaxConnectionsPerChild (10) reached"), text);
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
    StartException refusal = refusal(config(ProcessModel.EVENT, 2), freePort(), Broken.class);
    assertSays(Broken.class.getName(), refusal);
    assertSays("java.io.IOException: the moon is full", refusal);
    assertSays("\tat " + Broken.class.getName() + ".open(SupervisorIT.java:", refusal);
  }

  @Test
  void givesUpAnApplicationThatDoesNotOpenInTime() throws Exception {
    StartException refusal =
        refusal(
            config(ProcessModel.EVENT, 2).childStartTimeout(Duration.ofSeconds(1)),
            freePort(),
            Hanging.class);
    assertSays("ChildStartTimeout", refusal);
  }

  @Test
  void namesTheApplicationThatIsNotThreadSafe() throws Exception {
    Class<? extends ServerApplication> application = MpmContract.SingleThreaded.class;
    StartException refusal = refusal(config(ProcessModel.EVENT, 2), freePort(), application);
    assertSays(application.getName() + " is not thread-safe", refusal);
    assertSays("Mpm prefork", refusal);
  }

  @Test
  void saysThatTheJvmDidNotStart() throws Exception {
    StartException refusal =
        refusal(
            config(ProcessModel.EVENT, 2).childJvmOption("-XX:NoSuchOption"),
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
    MpmConfigBuilder config = config(model, 2).pidFile(pidFile).scoreBoardFile(scoreboard);
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
      long start = System.nanoTime();
      mpm.stop(StopMode.IMMEDIATE);
      long took = System.nanoTime() - start;
      assertTrue(took < Duration.ofMillis(2500).toNanos(), "took " + took + " ns");
      assertEquals(List.of(), mpm.children());
      busy.close();
      assertNothingLeft(pids, port);
      assertTrue(Files.notExists(pidFile), "PidFile");
      assertTrue(Files.notExists(scoreboard), "ScoreBoardFile");
    }
  }
}
