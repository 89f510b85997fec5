package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Server processes as a user starts them, each with a pid file of its own unless it is given one.
final class HttpdProcesses implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile(
          "ready: (\\w+) MPM, (\\d+) (?:child|children), (http://127\\.0\\.0\\.1:\\d+/)"
              + " \\(pid (\\d+)\\)");

  private final Path folder;
  private final List<Process> started = new ArrayList<>();

  HttpdProcesses(Path folder) {
    this.folder = folder;
  }

  /// A server process that has said that it is ready.
  record Running(Process process, Path out, Path err, Matcher ready) {
    String url(String target) {
      return ready.group(3) + target;
    }

    List<ProcessHandle> children() {
      return process.children().filter(ProcessHandle::isAlive).toList();
    }

    /// Sends a signal, named without `SIG`.
    void signal(String name) throws Exception {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
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

  private List<String> command(String... args) {
    Path repository = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    List<String> command =
        new ArrayList<>(
            List.of(
                // a build in the background may have INT ignored, and a JVM then leaves it so;
                // in a session without terminal WINCH is nothing but a signal
                "env",
                "--default-signal=INT,HUP",
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dmpm4j.home=" + repository,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    if (List.of(args).stream().noneMatch(arg -> arg.startsWith("PidFile "))) {
      command.addAll(List.of("-c", "PidFile " + folder.resolve(started.size() + ".pid")));
    }
    command.addAll(List.of(args));
    return command;
  }

  /// Starts a server and waits until it is ready.
  Running start(String... args) throws Exception {
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

  /// Runs a command to its end.
  Ended run(String... args) throws Exception {
    Path out = folder.resolve("out" + started.size());
    Path err = folder.resolve("err" + started.size());
    Process process = launch(out, err, command(args));
    return new Ended(exit(process), Files.readString(out), Files.readString(err));
  }

  private static int exit(Process process) throws Exception {
    assertTrue(process.waitFor(40, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
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
