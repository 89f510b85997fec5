package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.examples.httpd.HttpdProcesses.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `-k`, `mpmctl` and signals with a real server.
@Timeout(240)
final class OperatorIT {
  private static final String GOOD =
      """
      Listen 127.0.0.1:0
      StartServers 1
      MinSpareThreads 1
      <Location /hello>
        SetHandler hello
      </Location>
      <Location /sleep>
        SetHandler sleep
      </Location>
      """;

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpdProcesses processes = new HttpdProcesses(Path.of(""));
  private Path conf = Path.of("");
  private Path pidFile = Path.of("");

  @BeforeEach
  void write() throws Exception {
    processes = new HttpdProcesses(folder);
    pidFile = folder.resolve("httpd.pid");
    conf = folder.resolve("httpd.conf");
    Files.writeString(conf, GOOD);
  }

  @AfterEach
  void close() {
    client.close();
    processes.close();
  }

  private String[] args(String... action) {
    return Stream.concat(
            Stream.of("-f", conf.toString(), "-c", "PidFile " + pidFile), Stream.of(action))
        .toArray(String[]::new);
  }

  private HttpdProcesses.Ended mpmctl(String... args) {
    return HttpdProcesses.mpmctl(pidFile, args);
  }

  private int get(HttpdProcesses.Running server, String target) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(server.url(target))).build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void startWhileRunningIsANotice() throws Exception {
    HttpdProcesses.Running server = processes.start(args("-k", "start"));
    HttpdProcesses.Ended again = processes.run(args("-k", "start"));
    assertEquals(0, again.status());
    assertEquals("mpm-httpd (pid " + server.process().pid() + ") already running\n", again.err());
    assertEquals(200, get(server, "hello"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "graceful-stop"})
  void stopWaitsUntilNothingIsLeft(String action) throws Exception {
    HttpdProcesses.Running server = processes.start(args());
    List<ProcessHandle> children = server.children();
    HttpdProcesses.Ended stop = processes.run(args("-k", action));
    assertEquals(0, stop.status(), stop.err());
    assertTrue(stop.err().endsWith("mpm-httpd: stopped\n"), stop.err());
    assertEquals(List.of(), children.stream().filter(ProcessHandle::isAlive).toList());
    assertFalse(Files.exists(pidFile));
    assertEquals(0, server.exit());
    assertEquals(3, mpmctl("status").status());
    assertEquals(0, processes.run(args("-k", action)).status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"graceful", "restart"})
  void childrenAreReplaced(String action) throws Exception {
    HttpdProcesses.Running server = processes.start(args());
    List<Long> before = server.pids();
    HttpdProcesses.Ended ended = processes.run(args("-k", action));
    assertEquals(0, ended.status(), ended.err());
    await("the old children end", () -> server.pids().stream().noneMatch(before::contains));
    assertEquals(200, get(server, "hello"));
    String status = mpmctl("status", "--json").out();
    assertTrue(status.contains("\"lastReload\":{\"verdict\":\"succeeded\""), status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"graceful", "restart"})
  void whereNothingRunsAServerIsStarted(String action) throws Exception {
    HttpdProcesses.Running server = processes.start(args("-k", action));
    assertEquals(200, get(server, "hello"));
  }

  @Test
  void aBrokenConfigurationDoesNotTouchTheServer() throws Exception {
    HttpdProcesses.Running server = processes.start(args());
    List<Long> before = server.pids();
    Files.writeString(conf, GOOD + "Nonsense 1\n");
    HttpdProcesses.Ended ended = processes.run(args("-k", "graceful"));
    assertEquals(1, ended.status());
    assertTrue(ended.err().contains("Nonsense"), ended.err());
    HttpdProcesses.Ended direct = mpmctl("reload");
    assertEquals(1, direct.status());
    assertTrue(direct.err().contains("Nonsense"), direct.err());
    assertEquals(before, server.pids());
    Files.writeString(conf, GOOD);
    assertEquals(0, mpmctl("reload").status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "USR1"})
  void signalsReload(String signal) throws Exception {
    HttpdProcesses.Running server = processes.start(args());
    List<Long> before = server.pids();
    server.signal(signal);
    await(
        "new children",
        () -> !server.pids().isEmpty() && server.pids().stream().noneMatch(before::contains));
    assertEquals(200, get(server, "hello"));
    server.signal("TERM");
    assertEquals(0, server.exit());
  }

  @Test
  void mpmctlDirectsTheServer() throws Exception {
    HttpdProcesses.Running server = processes.start(args());
    HttpdProcesses.Ended status = mpmctl("status");
    assertEquals(0, status.status());
    assertTrue(status.out().startsWith("event MPM, generation 0, running for "), status.out());
    assertEquals(0, mpmctl("scale", "3").status());
    await("three children", () -> server.pids().size() == 3);
    assertEquals(2, mpmctl("scale", "100000").status());
    assertTrue(mpmctl("threads", "0").out().contains("\"main\""));
    assertEquals(1, mpmctl("threads", "99").status());
    assertEquals(0, mpmctl("breaker", "reset").status());
    assertNotEquals("", mpmctl("stop").out());
    assertEquals(0, server.exit());
  }
}
