package org.mpm4j.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MainTest {
  private static final String STATUS =
      """
      data pid 4711
      data model event
      data generation 3
      data phase reloading
      data started 2026-01-02T03:04:05Z
      data uptime 3725
      data child-limit 16
      data pinned 0
      data workers 25
      data busy 3
      data novelty of a later version
      data breaker open 11 2000
      data breaker-why 11 died\\nwithin 60 s
      data last-reload rolled-back 3
      data last-reload-why child died\\n\tat C:\\\\x
      data child 0 4712 3 ready 3600 12 3 25 134217728
      data child 1 4713 2 draining 90061 1 0 25 0 7
      data child-why 1 4713 reload
      data scoreboard 0 4712 WWR______________________
      data scoreboard 1 4713 G........................
      ok done
      """;

  private record Result(int status, String out, String err) {}

  @TempDir Path folder;

  private Path pidFile = Path.of("");
  private Path socket = Path.of("");

  @BeforeEach
  void name() {
    pidFile = folder.resolve("httpd.pid");
    socket = folder.resolve("httpd.sock");
  }

  private static Result run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Result ask(String... args) {
    List<String> all = new ArrayList<>(List.of("-s", socket.toString()));
    all.addAll(List.of(args));
    return run(all.toArray(String[]::new));
  }

  @Test
  void statusFitsOnOneScreen() throws Exception {
    try (ScriptedServer server = ScriptedServer.answering(socket, STATUS)) {
      Result result = ask("status");
      assertEquals(
          """
          event MPM, generation 3, reloading for 1h02m, pid 4711
          children:    2 of at most 16, following the load
          workers:     3 busy of 25
          breaker:     open, 11 unexpected deaths of late, next start in 2000 ms: 11 died
          last reload: rolled-back: child died

          SLOT       PID  GENERATION  STATE           AGE  CONNECTIONS  BUSY/THREADS    MEMORY  WHY
             0      4712           3  ready         1h00m           12          3/25   128 MiB
             1      4713           2  draining      1d01h            1          0/25         -  reload
          """,
          result.out);
      assertEquals("", result.err);
      assertEquals(0, result.status);
      assertEquals(List.of("status"), server.requests);
    }
  }

  @Test
  void watchingShowsTheGridUntilTheServerIsGone() throws Exception {
    try (ScriptedServer server = ScriptedServer.answering(socket, STATUS)) {
      server.endAfter(2);
      Result result = ask("status", "--watch");
      assertEquals(2, result.out.lines().filter("   0  WWR______________________"::equals).count());
      assertEquals(2, result.out.lines().filter("   1  G........................"::equals).count());
      assertEquals(-1, result.out.indexOf('\u001b'));
      assertEquals(3, result.status);
    }
  }

  @Test
  void statusIsJsonForPrograms() throws Exception {
    try (ScriptedServer _ = ScriptedServer.answering(socket, STATUS)) {
      String json = ask("status", "--json").out;
      assertEquals(
          """
          {"pid":4711,"model":"event","generation":3,"phase":"reloading",\
          "started":"2026-01-02T03:04:05Z","uptime":3725,"childLimit":16,"pinned":0,"workers":25,\
          "busy":3,"breaker":{"state":"open","deaths":11,"nextStartMillis":2000,\
          "why":"11 died\\nwithin 60 s"},"lastReload":{"verdict":"rolled-back","generation":3,\
          "millis":0,"why":"child died\\n\\tat C:\\\\x"},"children":[{"slot":0,"pid":4712,\
          "generation":3,"state":"ready","age":3600,"connections":12,"busy":3,"workers":25,\
          "memory":134217728,"why":"","letters":"WWR______________________"},{"slot":1,"pid":4713,"generation":2,"state":"draining",\
          "age":90061,"connections":1,"busy":0,"workers":25,"memory":0,"why":"reload",\
          "letters":"G........................"}]}
          """,
          json);
      parse(json);
    }
    try (ScriptedServer _ = ScriptedServer.answering(socket, "ok done\n")) {
      parse(ask("--json", "status").out);
      assertEquals(0, ask("status").status);
    }
  }

  private static void parse(String json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        parser.getText();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "reload, reload",
    "restart, restart",
    "graceful-stop, graceful-stop",
    "stop, stop",
    "scale 4, scale 4",
    "scale auto, scale auto",
    "breaker reset, breaker reset",
  })
  void commandsAreSentAndTheirProgressShown(String args, String request) throws Exception {
    String answer = "progress one\\ntwo\nprogress three\nok all done\n";
    try (ScriptedServer server = ScriptedServer.answering(socket, answer)) {
      assertEquals(new Result(0, "all done\n", "one\ntwo\nthree\n"), ask(args.split(" ", -1)));
      assertEquals(List.of(request), server.requests);
      List<String> quiet = new ArrayList<>(List.of(args.split(" ", -1)));
      quiet.add("-q");
      assertEquals(new Result(0, "", ""), ask(quiet.toArray(String[]::new)));
      assertEquals(
          new Result(0, "{\"code\":\"ok\",\"text\":\"all done\"}\n", "one\ntwo\nthree\n"),
          ask(("--json " + args).split(" ", -1)));
    }
  }

  @Test
  void threadsAreShown() throws Exception {
    String answer =
        "data child 0\ndata line \"main\"\ndata line\ndata unavailable 2 gone\nok done\n";
    try (ScriptedServer server = ScriptedServer.answering(socket, answer)) {
      assertEquals("child 0:\n\"main\"\n\nchild 2: no answer: gone\n", ask("threads").out);
      assertEquals(
          "{\"code\":\"ok\",\"text\":\"done\",\"children\":["
              + "{\"slot\":0,\"answered\":true,\"text\":\"\\\"main\\\"\\n\"},"
              + "{\"slot\":2,\"answered\":false,\"text\":\"gone\"}]}\n",
          ask("threads", "3", "--json").out);
      assertEquals(List.of("threads", "threads 3"), server.requests);
    }
  }

  @ParameterizedTest
  @CsvSource({"refused, 1", "rolled-back, 1", "denied, 1", "of-a-later-version, 1", "usage, 2"})
  void aFailureHasItsStatus(String code, int status) throws Exception {
    String answer = "failed " + code + " because\\nof this\n";
    try (ScriptedServer _ = ScriptedServer.answering(socket, answer)) {
      assertEquals(new Result(status, "", "mpmctl: because\nof this\n"), ask("reload"));
      assertEquals(
          new Result(status, "{\"code\":\"" + code + "\",\"text\":\"because\\nof this\"}\n", ""),
          ask("reload", "--json"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bogus",
        "status now",
        "scale",
        "scale -1",
        "scale x",
        "threads x",
        "breaker",
        "breaker close",
        "--timeout x status",
        "-p"
      })
  void wrongUsageIsTwo(String args) {
    Result result = run(args.isEmpty() ? new String[0] : args.split(" ", -1));
    assertEquals(2, result.status, result.toString());
    assertTrue(result.err.contains("mpmctl"), result.err);
    assertEquals("", result.out);
  }

  @Test
  void helpTellsTheStatuses() {
    Result result = run("-h");
    assertEquals(0, result.status);
    assertTrue(result.out.contains("  3   the server is not running"), result.out);
    assertTrue(run("-V").out.startsWith("mpmctl "));
    assertTrue(run("scale", "-h").out.startsWith("Usage: mpmctl scale "));
  }

  @Test
  void notRunningIsThreeExceptToStopIt() throws Exception {
    Result status = run("-p", pidFile.toString(), "status");
    assertEquals(3, status.status);
    assertEquals("mpmctl: not running: there is no control socket " + socket + "\n", status.err);
    assertEquals(3, ask("reload").status);
    assertEquals(0, ask("stop").status);
    assertEquals(0, run("-p", pidFile.toString(), "graceful-stop").status);

    ScriptedServer.answering(socket, "").close();
    Files.writeString(pidFile, "999999999\n"); // more than pid_max may be
    assertEquals(3, run("-p", pidFile.toString(), "status").status);
    assertTrue(ask("status", "--json").out.startsWith("{\"code\":\"not-running\","));
  }

  @Test
  void aStaleSocketIsNotRunning() throws Exception {
    var listener = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX);
    listener.bind(java.net.UnixDomainSocketAddress.of(socket));
    listener.close();
    assertEquals(
        new Result(3, "", "mpmctl: not running: nobody listens at " + socket + "\n"),
        ask("status"));
  }

  @Test
  void aProcessThatDoesNotListenIsNotSaidToBeStopped() throws Exception {
    Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
    Result result = run("-p", pidFile.toString(), "stop");
    assertEquals(1, result.status);
    assertTrue(result.err.endsWith(" of " + pidFile + " lives\n"), result.err);
  }

  @Test
  void thePidFileLeadsToTheSocket() throws Exception {
    try (ScriptedServer _ = ScriptedServer.answering(socket, "ok stopped\n")) {
      assertEquals("stopped\n", run("-p", pidFile.toString(), "stop").out);
    }
    assertEquals(Path.of("run/a.sock"), ControlClient.socketBeside(Path.of("run/a.pid")));
    assertEquals(Path.of("pid.sock"), ControlClient.socketBeside(Path.of("pid")));
    assertEquals(Path.of("a.pid.x.sock"), ControlClient.socketBeside(Path.of("a.pid.x")));
  }

  @Test
  void noAnswerInTimeIsFour() throws Exception {
    try (ScriptedServer _ = ScriptedServer.stuckAfter(socket, "progress working\n")) {
      Result result = ask("reload", "--timeout", "1");
      assertEquals(4, result.status);
      assertEquals("working\nmpmctl: no answer from " + socket + " within 1 s\n", result.err);
    }
  }

  @Test
  void aServerThatHangsUpHasFailed() throws Exception {
    try (ScriptedServer _ = ScriptedServer.answering(socket, "progress working\nok do")) {
      Result result = ask("stop");
      assertEquals(1, result.status);
      assertTrue(result.err.endsWith("hung up before the end of its answer\n"), result.err);
    }
  }
}
