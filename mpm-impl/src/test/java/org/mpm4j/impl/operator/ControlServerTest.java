package org.mpm4j.impl.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.ChildId;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;

@Timeout(120)
class ControlServerTest {
  @TempDir Path folder;

  private final FakeMpm mpm = new FakeMpm();
  private Path path = Path.of("");
  private ControlServer server;

  @SuppressWarnings("NullAway") // open() is called before each test
  ControlServerTest() {
    server = null;
  }

  @BeforeEach
  void open() throws Exception {
    path = folder.resolve("httpd.sock");
    server = ControlServer.open(path, mpm);
  }

  @AfterEach
  void close() {
    mpm.reloadsMayEnd.release(1000);
    mpm.stopMayEnd.countDown();
    server.close();
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  private static void send(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static String readAll(SocketChannel channel) throws IOException {
    return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
  }

  /// What comes until the end; a connection that nobody has accepted yet is reset instead.
  private static String readUntilGone(SocketChannel channel) {
    try {
      return readAll(channel);
    } catch (IOException _) {
      return "";
    }
  }

  private String ask(String line) throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, line + "\n");
      return readAll(channel);
    }
  }

  private CompletableFuture<String> askAsync(String line) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return ask(line);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        },
        Thread::startVirtualThread);
  }

  @Test
  void statusIsLinesOfWords() throws Exception {
    List<String> lines = new ArrayList<>(ask("status").lines().toList());
    assertTrue(
        lines.removeIf(line -> line.matches("data uptime \\d+"))
            && lines.remove("data pid " + ProcessHandle.current().pid()));
    assertEquals(
        List.of(
            "data model event",
            "data generation 3",
            "data phase reloading",
            "data started 2026-01-02T03:04:05Z",
            "data child-limit 16",
            "data pinned 0",
            "data workers 25",
            "data busy 6",
            "data breaker half-open 4 2000",
            "data breaker-why 4 died",
            "data last-reload succeeded 2 812",
            "data child 0 100 3 ready 60 12 3 25 134217728",
            "data scoreboard 0 100 " + "_".repeat(25),
            "data child 2 102 3 draining 60 12 3 25 134217728",
            "data scoreboard 2 102 " + ".".repeat(25),
            "data child-why 2 102 a\\nb",
            "ok done"),
        lines);
  }

  @ParameterizedTest
  @CsvSource({
    "restart, restart, ok generation 2 serves after 812 ms",
    "scale 4, scale 4, ok children: 4",
    "' scale  auto ', scale 0, ok the number of children follows the load",
    "scale 17, scale 17, failed usage at most 16",
    "breaker reset, resetBreaker, ok children may be started",
    "threads 1, threadDump 1, failed unavailable no child in slot 1",
  })
  void commandsAreCarriedOut(String line, String call, String reply) throws Exception {
    assertEquals(reply + "\n", ask(line));
    assertEquals(List.of(call), mpm.calls);
  }

  @Test
  void threadsAreShown() throws Exception {
    String dump = "data child 0\ndata line \"main\"\ndata line \tat C:\\\\x\n";
    assertEquals(dump + "ok done\n", ask("threads 0"));
    assertEquals(dump + "data unavailable 2 no child in slot 2\nok done\n", ask("threads"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "bogus",
        "status now",
        "scale",
        "scale -1",
        "scale 1 2",
        "scale 9999999999",
        "threads x",
        "breaker",
        "breaker close",
        "STATUS",
        "\u0000\u001b[2J"
      })
  void anythingElseIsNoCommand(String line) throws Exception {
    String reply = ask(line);
    assertTrue(reply.startsWith("failed usage ") && reply.contains("expected status"), reply);
    assertFalse(reply.contains("\u001b"), reply);
    assertEquals(List.of(), mpm.calls);
  }

  @Test
  void aLineWithoutEndIsReadUpToTheEndOfTheInput() throws Exception {
    try (SocketChannel channel = connect()) {
      send(channel, "breaker reset");
      channel.shutdownOutput();
      assertEquals("ok children may be started\n", readAll(channel));
    }
  }

  @Test
  void anEndlessLineIsRefused() throws Exception {
    try (SocketChannel channel = connect()) {
      send(channel, "x".repeat(1024));
      assertEquals("failed usage the line is too long\n", readAll(channel));
    }
  }

  @Test
  void aReloadTellsWhatHappensMeanwhile() throws Exception {
    CompletableFuture<String> reply = askAsync("reload");
    mpm.reloadsBegun.acquire();
    mpm.report(new LifecycleEvent.ReloadStarted(2));
    mpm.report(new LifecycleEvent.ThreadsDumped(new ChildId(0, 7, 1), "secret\n"));
    mpm.report(new LifecycleEvent.ReloadEnded(mpm.verdict));
    mpm.reloadsMayEnd.release();
    assertEquals(
        """
        progress reload to generation 2 started
        progress child 0 (pid 7, generation 1) thread dump:
        ok generation 2 serves after 812 ms
        """,
        reply.get());
  }

  @Test
  void aReloadThatFailsSaysWhyInOneLine() throws Exception {
    mpm.verdict = new ReloadVerdict.Refused(1, "a.conf:1: x\na.conf:2: y");
    assertEquals("failed refused a.conf:1: x\\na.conf:2: y\n", ask("restart"));
    mpm.verdict = new ReloadVerdict.RolledBack(1, "child died", "Exception\n\tat C\u0007\n");
    assertEquals("failed rolled-back child died\\nException\\n\tat C?\n", ask("restart"));
    mpm.verdict = new ReloadVerdict.RolledBack(1, "hangs", "");
    assertEquals("failed rolled-back hangs\n", ask("restart"));
  }

  @Test
  void whatTheServerCannotDoIsSaid() throws Exception {
    mpm.failure = new UnsupportedOperationException("in-process");
    assertEquals("failed unsupported in-process\n", ask("scale 2"));
    mpm.failure = new IllegalStateException("bug");
    assertEquals("failed failed java.lang.IllegalStateException: bug\n", ask("reload"));
  }

  @Test
  void aStopIsAnsweredWhenOnlyTheSocketIsLeft() throws Exception {
    CompletableFuture<String> stop = askAsync("graceful-stop");
    CompletableFuture<String> reload = askAsync("reload");
    mpm.reloadsBegun.acquire();
    try (SocketChannel idle = connect()) {
      while (!mpm.calls.contains("stop GRACEFUL")) {
        Thread.onSpinWait();
      }
      assertFalse(stop.isDone());
      server.close();
      assertEquals("ok stopped\n", stop.get(60, TimeUnit.SECONDS));
      assertEquals("failed unavailable the server has stopped\n", reload.get(60, TimeUnit.SECONDS));
      assertEquals("", readUntilGone(idle));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void aSecondStopHurriesTheFirst() throws Exception {
    CompletableFuture<String> graceful = askAsync("graceful-stop");
    while (!mpm.calls.contains("stop GRACEFUL")) {
      Thread.onSpinWait();
    }
    mpm.stopMayEnd.countDown();
    assertEquals("ok stopped\n", ask("stop"));
    assertEquals("ok stopped\n", graceful.get());
    assertEquals(List.of("stop GRACEFUL", "stop IMMEDIATE"), mpm.calls);
  }

  @Test
  void aClientThatHangsUpDisturbsNobody() throws Exception {
    try (SocketChannel channel = connect()) {
      send(channel, "reload\n");
      mpm.reloadsBegun.acquire();
    }
    mpm.report(new LifecycleEvent.ReloadStarted(2));
    mpm.report(new LifecycleEvent.GenerationEnded(1));
    connect().close();
    assertTrue(ask("status").endsWith("ok done\n"));
  }

  @Test
  void aClientThatDoesNotReadDisturbsNobody() throws Exception {
    try (SocketChannel channel = connect()) {
      send(channel, "reload\n");
      mpm.reloadsBegun.acquire();
      String much = "x".repeat(10_000);
      for (int i = 0; i < 2000; i++) {
        mpm.report(new LifecycleEvent.LimitReached(much));
      }
      assertTrue(ask("status").endsWith("ok done\n"));
      long start = System.nanoTime();
      server.close();
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(30).toNanos());
    }
  }

  @Test
  void manyClientsAreServedAndMoreOfThemWait() throws Exception {
    List<SocketChannel> idle = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      idle.add(connect());
    }
    List<CompletableFuture<String>> replies =
        Stream.generate(() -> askAsync("breaker reset")).limit(20).toList();
    for (SocketChannel channel : idle) {
      channel.close();
    }
    for (CompletableFuture<String> reply : replies) {
      assertEquals("ok children may be started\n", reply.get());
    }
  }

  @Test
  void onlyTheOwnerMayUseIt() throws Exception {
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void aLivePathIsRefused() {
    StartException refused =
        assertThrows(StartException.class, () -> ControlServer.open(path, new FakeMpm()).close());
    assertEquals(
        "control socket " + path + ": a running server listens there", refused.getMessage());
    assertTrue(Files.exists(path));
  }

  @Test
  void aStalePathIsTakenOver() throws Exception {
    Path stale = folder.resolve("stale.sock");
    ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    gone.bind(UnixDomainSocketAddress.of(stale));
    gone.close();
    assertTrue(Files.exists(stale));
    ControlServer.open(stale, new FakeMpm()).close();
    assertFalse(Files.exists(stale));
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "precious");
    StartException refused =
        assertThrows(StartException.class, () -> ControlServer.open(file, mpm).close());
    assertEquals("control socket " + file + ": exists and is not a socket", refused.getMessage());
    assertEquals("precious", Files.readString(file));
    Path nowhere = folder.resolve("missing/x.sock");
    assertThrows(StartException.class, () -> ControlServer.open(nowhere, mpm).close());
  }

  @Test
  void closingLeavesAnotherServersPathAlone() throws Exception {
    Files.delete(path);
    try (ControlServer _ = ControlServer.open(path, new FakeMpm())) {
      server.close();
      assertTrue(ask("status").endsWith("ok done\n"));
    }
  }
}
