package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.examples.httpd.HttpdProcesses.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// mpm-httpd as a service of systemd, whose part Python plays: the JDK has no Unix datagram sockets
/// and cannot hand on a descriptor.
@Timeout(240)
final class SystemdIT {
  private static final String CONF =
      """
      StartServers 1
      MinSpareThreads 1
      <Location /hello>
        SetHandler hello
      </Location>
      """;

  /// Prints a line for each notification.
  private static final String NOTIFIED =
      """
      import socket, sys
      manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      manager.bind(sys.argv[1])
      while True:
          print(manager.recv(65536).decode().replace("\\n", "|"), flush=True)
      """;

  /// Holds a listening socket, prints its port, and hands it to each client.
  private static final String HOLDER =
      """
      import os, socket, sys
      held = socket.create_server(("127.0.0.1", 0))
      office = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
      office.bind(sys.argv[1])
      office.listen()
      print(held.getsockname()[1], flush=True)
      while True:
          with office.accept()[0] as client:
              socket.send_fds(client, [b"."], [held.fileno()])
      """;

  /// Becomes a service that is activated by the socket which the holder hands out.
  private static final String ACTIVATED =
      """
      import os, socket, sys
      client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
      client.connect(sys.argv[1])
      held = socket.recv_fds(client, 1, 1)[1][0]
      os.dup2(held, 3)
      os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="http")
      os.execvp(sys.argv[2], sys.argv[2:])
      """;

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpdProcesses processes = new HttpdProcesses(Path.of(""));
  private Path conf = Path.of("");
  private Path pidFile = Path.of("");
  private Path messages = Path.of("");

  @BeforeEach
  void prepare() {
    processes = new HttpdProcesses(folder);
    conf = folder.resolve("httpd.conf");
    pidFile = folder.resolve("httpd.pid");
    messages = folder.resolve("messages");
  }

  @AfterEach
  void close() {
    client.close();
    processes.close();
  }

  /// Starts a Python program and waits until its socket is there.
  private Path python(String program, Path out) throws Exception {
    HttpdProcesses.assumeRuns(List.of("python3", "-c", "import socket; socket.recv_fds"));
    Path socket = folder.resolve("systemd");
    Path err = folder.resolve("python-err");
    Process process =
        processes.launch(out, err, List.of("python3", "-c", program, socket.toString()));
    await(
        "the socket of a Python program",
        () -> {
          assertTrue(process.isAlive(), () -> read(err));
          return Files.exists(socket);
        });
    return socket;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private String[] args(String... more) {
    List<String> args = new ArrayList<>(List.of("-f", conf.toString(), "-c", "PidFile " + pidFile));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private CompletableFuture<HttpResponse<Void>> get(HttpdProcesses.Running server) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create(server.url("hello"))).build(), BodyHandlers.discarding());
  }

  private static int status(CompletableFuture<HttpResponse<Void>> answer) throws Exception {
    return answer.get(90, TimeUnit.SECONDS).statusCode();
  }

  private static void assertNothingInherited(HttpdProcesses.Running server) throws Exception {
    assertNotEquals(List.of(), server.pids());
    for (long child : server.pids()) {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + child + "/environ"));
      List<String> environment =
          List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\0", -1));
      assertEquals(
          List.of(),
          environment.stream()
              .filter(variable -> variable.matches("(?:NOTIFY|LISTEN|WATCHDOG)_.*"))
              .toList());
    }
  }

  // ---- notifications ----

  /// The notifications but those that only say that the server lives, or how it is.
  private List<String> phases() throws Exception {
    return Files.readAllLines(messages).stream()
        .filter(message -> message.matches("(?:READY|RELOADING|STOPPING)=1.*"))
        .toList();
  }

  private List<String> phaseNames() throws Exception {
    return phases().stream().map(message -> message.replaceFirst("=1.*", "")).toList();
  }

  private long watchdogs() throws Exception {
    return Files.readAllLines(messages).stream().filter("WATCHDOG=1"::equals).count();
  }

  private HttpdProcesses.Running startNotified() throws Exception {
    Path socket = python(NOTIFIED, messages);
    Files.writeString(conf, "Listen 127.0.0.1:0\n" + CONF);
    return processes.startUnder(
        List.of("env", "NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=400000"), args());
  }

  @Test
  void everyPhaseIsToldInOrderAndTheWatchdogIsFed() throws Exception {
    HttpdProcesses.Running server = startNotified();
    await("READY", () -> phaseNames().equals(List.of("READY")));
    assertTrue(phases().getFirst().contains("|STATUS=event MPM, generation 0: 1 of 1 children"));
    assertNothingInherited(server);
    await("the watchdog is fed", () -> watchdogs() >= 5);
    long before = System.nanoTime() / 1000;
    server.signal("HUP");
    await("a reload", () -> phaseNames().equals(List.of("READY", "RELOADING", "READY")));
    String prefix = "RELOADING=1|MONOTONIC_USEC=";
    assertTrue(phases().get(1).startsWith(prefix), phases().get(1));
    long micros = Long.parseLong(phases().get(1).substring(prefix.length()));
    assertTrue(micros >= before && micros <= System.nanoTime() / 1000, before + " " + micros);
    assertTrue(phases().get(2).contains("|STATUS=event MPM, generation 1: "), phases().get(2));
    List<String> all = Files.readAllLines(messages);
    List<String> meanwhile =
        all.subList(all.indexOf(phases().get(1)), all.indexOf(phases().get(2)));
    assertTrue(meanwhile.contains("WATCHDOG=1"), all.toString());
    long fed = watchdogs();
    await("it is fed after the reload", () -> watchdogs() >= fed + 5);
    assertNothingInherited(server);
    server.signal("TERM");
    assertEquals(0, server.exit());
    await("the end", () -> phaseNames().equals(List.of("READY", "RELOADING", "READY", "STOPPING")));
  }

  @Test
  void aReloadThatFailsEndsInReadyToo() throws Exception {
    HttpdProcesses.Running server = startNotified();
    // its children do not start; it names an address that is not ours; it cannot be read
    List<String> broken =
        List.of("ChildJvmOption -XX:+NoSuchOption\n", "Listen 192.0.2.1:12345\n", "Nonsense 1\n");
    List<String> expected = new ArrayList<>(List.of("READY"));
    for (String directive : broken) {
      Files.writeString(conf, "Listen 127.0.0.1:0\n" + CONF + directive);
      server.signal("HUP");
      expected.addAll(List.of("RELOADING", "READY"));
      await("the reload fails: " + directive, () -> phaseNames().equals(expected));
      assertEquals(200, status(get(server)));
    }
    String status = HttpdProcesses.mpmctl(pidFile, "status", "--json").out();
    assertTrue(status.matches("(?s).*\"lastReload\":.\"verdict\":\"refused\".*Nonsense.*"), status);
  }

  // ---- socket activation ----

  @Test
  void anActivatedSocketOutlivesReloadsAndTheServer() throws Exception {
    Path port = folder.resolve("port");
    Path office = python(HOLDER, port);
    await("the port", () -> Files.readString(port).endsWith("\n"));
    Files.writeString(conf, "Listen 127.0.0.1:" + Files.readString(port) + CONF);
    List<String> activated = List.of("python3", "-c", ACTIVATED, office.toString());
    HttpdProcesses.Running server = processes.startUnder(activated, args());
    assertEquals(200, status(get(server)));
    assertNothingInherited(server);
    for (int i = 0; i < 2; i++) {
      HttpdProcesses.Ended reload = HttpdProcesses.mpmctl(pidFile, "reload");
      assertEquals(0, reload.status(), reload.err());
      assertEquals(200, status(get(server)));
    }
    assertEquals(0, HttpdProcesses.mpmctl(pidFile, "graceful-stop").status());
    assertEquals(0, server.exit());
    CompletableFuture<HttpResponse<Void>> early = get(server);
    HttpdProcesses.Running next = processes.startUnder(activated, args());
    assertEquals(200, status(early));
    next.signal("TERM");
    assertEquals(0, next.exit());
  }

  @Test
  void aSocketThatNobodyListensToIsReported() throws Exception {
    Path port = folder.resolve("port");
    Path office = python(HOLDER, port);
    await("the port", () -> Files.readString(port).endsWith("\n"));
    Files.writeString(conf, "Listen 127.0.0.1:0\n" + CONF);
    List<String> activated = List.of("python3", "-c", ACTIVATED, office.toString());
    HttpdProcesses.Running server = processes.startUnder(activated, args());
    String warning = "no Listen directive names what the service manager passed: [127.0.0.1:";
    String told = Files.readString(server.err());
    assertTrue(told.contains(warning + Files.readString(port).strip()), told);
    assertEquals(200, status(get(server)));
    server.signal("TERM");
    assertEquals(0, server.exit());
  }

  @Test
  void aNumberOfSocketsThatIsNoneIsRefused() throws Exception {
    Files.writeString(conf, "Listen 127.0.0.1:0\n" + CONF);
    HttpdProcesses.Ended ended =
        processes.runUnder(
            List.of("sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=abc exec \"$@\"", "sh"), args());
    assertEquals(1, ended.status());
    assertTrue(ended.err().contains("LISTEN_FDS=abc: expected a number from 0 to "), ended.err());
    assertEquals("", ended.out());
  }
}
