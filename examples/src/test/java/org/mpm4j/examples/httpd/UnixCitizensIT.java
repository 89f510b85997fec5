package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.mpm4j.examples.httpd.HttpdProcesses.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// mpm-httpd among other processes: as another user, as the init of a container, and after one that
/// was killed.
@Timeout(240)
final class UnixCitizensIT {
  private static final String CONF =
      """
      StartServers 1
      MinSpareThreads 1
      <Location /hello>
        SetHandler hello
      </Location>
      <Location /sleep>
        SetHandler sleep
      </Location>
      """;

  private static final String ANY_PORT = "Listen 127.0.0.1:0\n";
  private static final String USER = "nobody";
  private static final long GROUP = 12_345; // that nobody has

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpdProcesses processes = new HttpdProcesses(Path.of(""));
  private Path conf = Path.of("");
  private Path pidFile = Path.of("");

  @BeforeEach
  void write() throws Exception {
    processes = new HttpdProcesses(folder);
    conf = folder.resolve("httpd.conf");
    pidFile = folder.resolve("httpd.pid");
    Files.writeString(conf, ANY_PORT + CONF);
  }

  @AfterEach
  void close() {
    client.close();
    processes.close();
  }

  private String[] args(String... more) {
    List<String> args = new ArrayList<>(List.of("-f", conf.toString(), "-c", "PidFile " + pidFile));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private CompletableFuture<HttpResponse<Void>> send(HttpdProcesses.Running server, String target) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create(server.url(target))).build(), BodyHandlers.discarding());
  }

  private int get(HttpdProcesses.Running server, String target) throws Exception {
    return send(server, target).get(90, TimeUnit.SECONDS).statusCode();
  }

  // ---- User and Group ----

  private static void assumeRootAndReadable() throws Exception {
    assumeTrue(
        Objects.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), 0),
        "only root may become another user");
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + USER, "--regid=" + GROUP, "--clear-groups"));
    command.addAll(HttpdProcesses.mpmHttpd());
    command.add("-l");
    HttpdProcesses.assumeRuns(command);
  }

  private static int freeLowPort() {
    for (int port = 600; port < 1000; port++) {
      try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException _) {
        // the next one
      }
    }
    throw new AssertionError("no free port from 600 to 999");
  }

  private static String uid(String user) throws Exception {
    Process id = new ProcessBuilder("id", "-u", user).start();
    return new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
  }

  /// The lines of proc(5) that say who a thread is, those of all threads of a process.
  private static List<String> identities(long pid) throws IOException {
    List<String> identities = new ArrayList<>();
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        try {
          Files.readAllLines(thread.resolve("status"), StandardCharsets.ISO_8859_1).stream()
              .filter(line -> line.matches("[UG]id:.*"))
              .forEach(identities::add);
        } catch (IOException e) {
          if (Files.exists(thread)) {
            throw e;
          } // else it has ended
        }
      }
    }
    return identities;
  }

  private static void assertServesAs(HttpdProcesses.Running server, String uid) throws Exception {
    assertNotEquals(List.of(), server.pids());
    String user = ("\t" + uid).repeat(4);
    String group = ("\t" + GROUP).repeat(4);
    for (long child : server.pids()) {
      List<String> identities = identities(child);
      assertTrue(identities.size() > 20, identities.toString()); // a JVM has many threads
      assertEquals(
          List.of(),
          identities.stream()
              .filter(line -> !line.equals("Uid:" + user) && !line.equals("Gid:" + group))
              .toList());
    }
  }

  private String asUser(Path documents) {
    return "User %s\nGroup #%d\nDocumentRoot %s\n".formatted(USER, GROUP, documents) + CONF;
  }

  @Test
  void childrenServeAsTheUserAtALowPort() throws Exception {
    assumeRootAndReadable();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path documents = Files.createDirectory(folder.resolve("www"));
    Files.writeString(documents.resolve("public"), "public");
    Path secret = Files.writeString(documents.resolve("secret"), "secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(conf, "Listen 127.0.0.1:" + freeLowPort() + "\n" + asUser(documents));
    String uid = uid(USER);
    HttpdProcesses.Running server = processes.start(args());
    assertEquals(200, get(server, "public"));
    assertEquals(403, get(server, "secret"));
    assertServesAs(server, uid);
    assertEquals(
        List.of("Uid:\t0\t0\t0\t0"),
        identities(server.server().pid()).stream()
            .filter(line -> line.startsWith("Uid:"))
            .distinct()
            .toList());
    List<Long> before = server.pids();
    HttpdProcesses.Ended reload = HttpdProcesses.mpmctl(pidFile, "reload");
    assertEquals(0, reload.status(), reload.err());
    await("the old children end", () -> server.pids().stream().noneMatch(before::contains));
    assertServesAs(server, uid);
    assertEquals(200, get(server, "public"));
    assertEquals(0, HttpdProcesses.mpmctl(pidFile, "graceful-stop").status());
    assertEquals(0, server.exit());
  }

  @Test
  void theApplicationOpensAsTheUser() throws Exception {
    assumeRootAndReadable();
    Path rootsOwn =
        Files.createDirectory(
            folder.resolve("own"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path documents = Files.createDirectory(rootsOwn.resolve("www"));
    Files.writeString(conf, ANY_PORT + asUser(documents));
    HttpdProcesses.Ended ended = processes.run(args());
    assertEquals(1, ended.status());
    assertTrue(
        ended.err().contains("failed to open: ") && ended.err().contains("can be read"),
        ended.err());
  }

  @Test
  void aUserWhoIsUnknownIsRefused() throws Exception {
    HttpdProcesses.Ended ended = processes.run(args("-c", "User no-such-user"));
    assertEquals(1, ended.status());
    assertTrue(
        ended.err().endsWith("mpm-httpd: User no-such-user: there is no such user\n"), ended.err());
    assertFalse(Files.exists(pidFile));
  }

  // ---- as the init of a container ----

  private HttpdProcesses.Running startAsInit() throws Exception {
    List<String> unshare = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    List<String> nothing = new ArrayList<>(unshare);
    nothing.add("true");
    HttpdProcesses.assumeRuns(nothing);
    HttpdProcesses.Running server = processes.startUnder(unshare, args());
    assertEquals("1", server.ready().group(4));
    return server;
  }

  @Test
  void asInitItReapsOrphansAndStopsOnTerm() throws Exception {
    HttpdProcesses.Running server = startAsInit();
    List<Long> before = server.pids();
    Process nsenter =
        processes.launch(
            folder.resolve("nsenter"),
            folder.resolve("nsenter"),
            List.of(
                "nsenter",
                "--target=" + server.server().pid(),
                "--pid",
                "sh",
                "-c",
                "sleep 100 & exit"));
    assertTrue(nsenter.waitFor(90, TimeUnit.SECONDS));
    assertEquals(0, nsenter.exitValue(), Files.readString(folder.resolve("nsenter")));
    List<Long> orphans = new ArrayList<>(server.pids());
    orphans.removeAll(before);
    assertEquals(1, orphans.size());
    Path orphan = Path.of("/proc/" + orphans.getFirst());
    assertTrue(ProcessHandle.of(orphans.getFirst()).orElseThrow().destroyForcibly());
    await("the orphan is reaped", () -> !Files.exists(orphan));
    assertEquals(200, get(server, "hello"));
    assertEquals(before, server.pids());
    server.signal("TERM");
    assertEquals(0, server.exit());
  }

  @Test
  void asInitItStopsAtOnceOnTheSecondTerm() throws Exception {
    Files.writeString(conf, ANY_PORT + CONF + "GracefulShutdownTimeout 600\n");
    HttpdProcesses.Running server = startAsInit();
    CompletableFuture<HttpResponse<Void>> cut = send(server, "sleep?ms=60000");
    await(
        "the request is served",
        () -> {
          String status = HttpdProcesses.mpmctl(pidFile, "status", "--json").out();
          return status.contains("\"busy\":1");
        });
    server.signal("TERM");
    await(
        "the first is caught",
        () -> Files.readString(server.err()).contains("caught SIGTERM: stopping"));
    assertTrue(server.process().isAlive());
    server.signal("TERM");
    assertEquals(0, server.exit());
    assertThrows(ExecutionException.class, () -> cut.get(90, TimeUnit.SECONDS));
  }

  // ---- what a killed server has left ----

  @Test
  void whatAKilledServerHasLeftIsTakenOver() throws Exception {
    HttpdProcesses.Running killed = processes.start(args());
    Path control = folder.resolve("httpd.sock");
    killed.signal("KILL");
    assertEquals(128 + 9, killed.exit());
    assertTrue(Files.exists(pidFile) && Files.exists(control));
    HttpdProcesses.Running next = processes.start(args());
    assertEquals(200, get(next, "hello"));
    assertEquals(0, HttpdProcesses.mpmctl(pidFile, "status").status());

    HttpdProcesses.Ended samePidFile = processes.run(args());
    assertEquals(1, samePidFile.status());
    assertTrue(
        samePidFile.err().contains("already running with pid " + next.server().pid()),
        samePidFile.err());
    HttpdProcesses.Ended sameControl =
        processes.run(
            "-f",
            conf.toString(),
            "-c",
            "PidFile " + folder.resolve("other.pid"),
            "-c",
            "ControlSocket " + control);
    assertEquals(1, sameControl.status());
    assertTrue(
        sameControl.err().contains("control socket " + control + ": a running server listens"),
        sameControl.err());
    assertEquals(0, HttpdProcesses.mpmctl(pidFile, "stop").status());
    assertEquals(0, next.exit());
    assertFalse(Files.exists(pidFile) || Files.exists(control));
  }
}
