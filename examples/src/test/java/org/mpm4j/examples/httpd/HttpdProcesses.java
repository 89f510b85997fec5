package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Server processes as a user starts them, each with a pid file of its own unless it is given one.
final class HttpdProcesses implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile(
          "ready: (\\w+) MPM, (\\d+) (?:child|children), (http://127\\.0\\.0\\.1:\\d+/)"
              + " \\(pid (\\d+)\\)");

  private static final int PATIENCE_SECONDS = 90;

  private final Path folder;
  private final List<Process> started = new ArrayList<>();

  HttpdProcesses(Path folder) {
    this.folder = folder;
  }

  /// A server process that has said that it is ready.
  ///
  /// @param process what was started: the server, or what it runs under
  /// @param server the server itself
  record Running(Process process, ProcessHandle server, Path out, Path err, Matcher ready) {
    String url(String target) {
      return ready.group(3) + target;
    }

    List<ProcessHandle> children() {
      return server.children().filter(ProcessHandle::isAlive).toList();
    }

    List<Long> pids() {
      return children().stream().map(ProcessHandle::pid).toList();
    }

    /// Sends a signal, named without `SIG`.
    void signal(String name) throws Exception {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(server.pid()))
              .inheritIO()
              .start()
              .waitFor();
      assertEquals(0, status);
    }

    int exit() throws Exception {
      return HttpdProcesses.exit(process);
    }
  }

  /// A process that has ended.
  record Ended(int status, String out, String err) {}

  /// Starts any command.
  Process launch(Path out, Path err, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    started.add(process);
    return process;
  }

  /// The command line of mpm-httpd, as bin/mpm-httpd has it: with the built jars, which unlike the
  /// test class path another user may be able to read.
  static List<String> mpmHttpd() {
    Path repository = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    Path target = repository.resolve("examples/target");
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx64m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-Dmpm4j.home=" + repository,
        "-cp",
        target.resolve("examples.jar") + ":" + target.resolve("lib/*"),
        Main.class.getName());
  }

  private List<String> command(List<String> under, String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                // a build in the background may have INT ignored, and a JVM then leaves it so;
                // in a session without terminal WINCH is nothing but a signal
                "env", "--default-signal=INT,HUP", "setsid"));
    command.addAll(under);
    command.addAll(mpmHttpd());
    if (List.of(args).stream().noneMatch(arg -> arg.startsWith("PidFile "))) {
      command.addAll(List.of("-c", "PidFile " + folder.resolve(started.size() + ".pid")));
    }
    command.addAll(List.of(args));
    return command;
  }

  /// Starts a server and waits until it is ready.
  Running start(String... args) throws Exception {
    return startUnder(List.of(), args);
  }

  /// Starts a server and waits until it is ready.
  ///
  /// @param under a command that is given the server's command line as its last arguments, and
  ///   becomes it, or has it as its only child and as the init of a pid namespace
  Running startUnder(List<String> under, String... args) throws Exception {
    Path out = folder.resolve("out" + started.size());
    Path err = folder.resolve("err" + started.size());
    Process process = launch(out, err, command(under, args));
    Instant deadline = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (true) {
      Matcher ready = READY.matcher(Files.exists(out) ? Files.readString(out).strip() : "");
      if (ready.matches()) {
        long pid = Long.parseLong(ready.group(4));
        ProcessHandle server =
            pid == 1 ? process.children().findFirst().orElseThrow() : process.toHandle();
        assertEquals(pid == 1 ? pid : server.pid(), pid);
        return new Running(process, server, out, err, ready);
      }
      if (!process.isAlive() || Instant.now().isAfter(deadline)) {
        throw new AssertionError(Files.readString(out) + Files.readString(err));
      }
      Thread.sleep(20);
    }
  }

  /// Runs a command to its end.
  Ended run(String... args) throws Exception {
    return runUnder(List.of(), args);
  }

  /// Runs a command to its end.
  ///
  /// @param under a command that becomes the one whose words are its last arguments
  Ended runUnder(List<String> under, String... args) throws Exception {
    Path out = folder.resolve("out" + started.size());
    Path err = folder.resolve("err" + started.size());
    Process process = launch(out, err, command(under, args));
    return new Ended(exit(process), Files.readString(out), Files.readString(err));
  }

  private static int exit(Process process) throws Exception {
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  /// Runs mpmctl in this process.
  static Ended mpmctl(Path pidFile, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] all =
        Stream.concat(Stream.of("-p", pidFile.toString()), Stream.of(args)).toArray(String[]::new);
    int status =
        org.mpm4j.ctl.Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            all);
    return new Ended(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /// Skips the test, with the reason, where a command that it needs does not work.
  static void assumeRuns(List<String> command) throws InterruptedException {
    boolean runs;
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      runs = process.waitFor() == 0;
    } catch (IOException _) {
      runs = false;
    }
    assumeTrue(runs, "does not run here: " + String.join(" ", command));
  }

  /// Waits for a condition.
  static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (!condition.call()) {
      assertTrue(Instant.now().isBefore(deadline), "not in time: " + what);
      Thread.sleep(20);
    }
  }

  /// Kills whatever is left.
  @Override
  public void close() {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
