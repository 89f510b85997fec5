package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ProcessModel;

/// The command as a user starts it: a supervisor with children, signals, exit statuses.
@Timeout(240)
final class MpmHttpdIT {
  @TempDir Path folder;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(90))
          .build();

  private HttpdProcesses processes = new HttpdProcesses(Path.of(""));

  @BeforeEach
  void use() {
    processes = new HttpdProcesses(folder);
  }

  @AfterEach
  void killAll() {
    client.close();
    processes.close();
  }

  private int status(String url) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(90)).build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void servesUntilTerm(ProcessModel model) throws Exception {
    HttpdProcesses.Running server =
        processes.start("-c", "Listen 127.0.0.1:0", "-c", "Mpm " + model.httpdName());
    assertEquals(model.httpdName(), server.ready().group(1));
    assertEquals("2", server.ready().group(2));
    assertEquals(2, server.children().size());
    assertEquals(200, status(server.url("hello")));
    assertEquals(200, status(server.url("")));
    assertEquals(200, status(server.url("style.css")));
    List<ProcessHandle> children = server.children();
    server.signal("TERM");
    assertEquals(0, server.exit());
    assertEquals(List.of(), children.stream().filter(ProcessHandle::isAlive).toList());
    assertEquals(1, Files.readAllLines(server.out()).size());
  }

  @Test
  void servesInOneProcessUntilInt() throws Exception {
    HttpdProcesses.Running server = processes.start("-X", "-c", "Listen 127.0.0.1:0");
    assertEquals("1", server.ready().group(2));
    assertEquals(List.of(), server.children());
    assertEquals(200, status(server.url("hello")));
    server.signal("INT");
    assertEquals(0, server.exit());
  }

  @Test
  void finishesWhatItBeganAndDoesNotWaitWhenToldTwice() throws Exception {
    HttpdProcesses.Running server = processes.start("-c", "Listen 127.0.0.1:0");
    var patient =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create(server.url("sleep?ms=5000"))).build(),
            BodyHandlers.ofString());
    awaitRequest(folder.resolve("0.pid"));
    server.signal("TERM");
    assertEquals("Slept 5000 ms.\n", patient.get(90, TimeUnit.SECONDS).body());
    assertEquals(0, server.exit());

    HttpdProcesses.Running other =
        processes.start("-c", "Listen 127.0.0.1:0", "-c", "GracefulShutdownTimeout 600");
    var _ =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create(other.url("sleep?ms=60000"))).build(),
            BodyHandlers.ofString());
    awaitRequest(folder.resolve("1.pid"));
    other.signal("TERM");
    assertFalse(other.process().waitFor(1, TimeUnit.SECONDS), "did not wait for the request");
    other.signal("TERM");
    assertEquals(0, other.exit());
  }

  private static void awaitRequest(Path pidFile) throws Exception {
    HttpdProcesses.await(
        "a request in progress",
        () -> HttpdProcesses.mpmctl(pidFile, "status", "--json").out().contains("\"busy\":1"));
  }

  @Test
  void winchStopsGracefully() throws Exception {
    HttpdProcesses.Running server = processes.start("-c", "Listen 127.0.0.1:0");
    server.signal("WINCH");
    assertEquals(0, server.exit());
  }

  @Test
  void aChildThatIsHaltedIsReplaced() throws Exception {
    Path conf = folder.resolve("halt.conf");
    Files.writeString(
        conf,
        """
        Listen 127.0.0.1:0
        StartServers 1
        MinSpareThreads 1
        <Location /halt>
          SetHandler halt
        </Location>
        <Location /hello>
          SetHandler hello
        </Location>
        """);
    HttpdProcesses.Running server = processes.start("-f", conf.toString());
    long before = server.children().getFirst().pid();
    try {
      status(server.url("halt"));
    } catch (java.io.IOException _) {
      // the connection went down with the child
    }
    assertEquals(200, status(server.url("hello"))); // waits in the backlog for the new child
    assertNotEquals(before, server.children().getFirst().pid());
    server.signal("TERM");
    assertEquals(0, server.exit());
  }

  @Test
  void saysWhyItCannotStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      HttpdProcesses.Ended ended = processes.run("-c", "Listen 127.0.0.1:" + taken.getLocalPort());
      assertEquals(1, ended.status());
      assertEquals("", ended.out());
      String message = ended.err();
      assertTrue(message.contains(Integer.toString(taken.getLocalPort())), message);
      assertFalse(message.contains("\tat "), message);
    }
  }
}
