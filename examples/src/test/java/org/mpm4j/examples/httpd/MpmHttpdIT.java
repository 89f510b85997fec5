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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ProcessModel;

/// The command as a user starts it: a supervisor with children, signals, exit statuses.
@Timeout(120)
final class MpmHttpdIT {
  private static final Pattern READY =
      Pattern.compile(
          "ready: (\\w+) MPM, (\\d+) (?:child|children), (http://127\\.0\\.0\\.1:\\d+/)"
              + " \\(pid (\\d+)\\)");

  @TempDir Path folder;

  private final List<Process> started = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /// A server process that has said that it is ready.
  private record Running(Process process, Path out, Path err, Matcher ready) {
    String url(String target) {
      return ready.group(3) + target;
    }

    List<ProcessHandle> children() {
      return process.children().filter(ProcessHandle::isAlive).toList();
    }
  }

  @AfterEach
  void killAll() {
    client.close();
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process launch(Path out, Path err, List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    started.add(process);
    return process;
  }

  private static Path repository() {
    return Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
  }

  private static List<String> command(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                // a build in the background may have INT ignored, and a JVM then leaves it so
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dmpm4j.home=" + repository(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  private Running start(String... args) throws Exception {
    Path out = folder.resolve("out" + started.size());
    Path err = folder.resolve("err" + started.size());
    Process process = launch(out, err, command(args));
    Instant deadline = Instant.now().plusSeconds(40);
    while (true) {
      Matcher ready = READY.matcher(Files.exists(out) ? Files.readString(out).strip() : "");
      if (ready.matches()) {
        assertEquals(process.pid(), Long.parseLong(ready.group(4)));
        return new Running(process, out, err, ready);
      }
      if (!process.isAlive() || Instant.now().isAfter(deadline)) {
        throw new AssertionError(Files.readString(out) + Files.readString(err));
      }
      Thread.sleep(20);
    }
  }

  private int status(String url) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30)).build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private static void signal(Process process, String name) throws Exception {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    assertEquals(0, status);
  }

  private static int exit(Process process) throws Exception {
    assertTrue(process.waitFor(40, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void servesUntilTerm(ProcessModel model) throws Exception {
    Running server = start("-c", "Listen 127.0.0.1:0", "-c", "Mpm " + model.httpdName());
    assertEquals(model.httpdName(), server.ready.group(1));
    assertEquals("2", server.ready.group(2));
    assertEquals(2, server.children().size());
    assertEquals(200, status(server.url("hello")));
    assertEquals(200, status(server.url("")));
    assertEquals(200, status(server.url("style.css")));
    List<ProcessHandle> children = server.children();
    signal(server.process, "TERM");
    assertEquals(0, exit(server.process));
    assertEquals(List.of(), children.stream().filter(ProcessHandle::isAlive).toList());
    assertEquals(1, Files.readAllLines(server.out).size());
  }

  @Test
  void servesInOneProcessUntilInt() throws Exception {
    Running server = start("-X", "-c", "Listen 127.0.0.1:0");
    assertEquals("1", server.ready.group(2));
    assertEquals(List.of(), server.children());
    assertEquals(200, status(server.url("hello")));
    signal(server.process, "INT");
    assertEquals(0, exit(server.process));
  }

  @Test
  void finishesWhatItBeganAndDoesNotWaitWhenToldTwice() throws Exception {
    Running server = start("-c", "Listen 127.0.0.1:0");
    var patient =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create(server.url("sleep?ms=1500"))).build(),
            BodyHandlers.ofString());
    Thread.sleep(300);
    signal(server.process, "TERM");
    assertEquals("Slept 1500 ms.\n", patient.get(10, TimeUnit.SECONDS).body());
    assertEquals(0, exit(server.process));

    Running other = start("-c", "Listen 127.0.0.1:0");
    var _ =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create(other.url("sleep?ms=60000"))).build(),
            BodyHandlers.ofString());
    Thread.sleep(300);
    signal(other.process, "TERM");
    assertFalse(other.process.waitFor(1, TimeUnit.SECONDS), "did not wait for the request");
    signal(other.process, "TERM");
    assertTrue(other.process.waitFor(10, TimeUnit.SECONDS), "did not hurry");
    assertEquals(0, other.process.exitValue());
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
    Running server = start("-f", conf.toString());
    long before = server.children().getFirst().pid();
    try {
      status(server.url("halt"));
    } catch (java.io.IOException _) {
      // the connection went down with the child
    }
    assertEquals(200, status(server.url("hello"))); // waits in the backlog for the new child
    assertNotEquals(before, server.children().getFirst().pid());
    signal(server.process, "TERM");
    assertEquals(0, exit(server.process));
  }

  @Test
  void saysWhyItCannotStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Path out = folder.resolve("out");
      Path err = folder.resolve("err");
      String listen = "Listen 127.0.0.1:" + taken.getLocalPort();
      assertEquals(1, exit(launch(out, err, command("-c", listen))));
      assertEquals("", Files.readString(out));
      String message = Files.readString(err);
      assertTrue(message.contains(Integer.toString(taken.getLocalPort())), message);
      assertFalse(message.contains("\tat "), message);
    }
  }
}
