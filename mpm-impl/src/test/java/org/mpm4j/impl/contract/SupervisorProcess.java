package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mpm4j.ChildApplication;
import org.mpm4j.ProcessModel;

/// A [SupervisorMain] and what it prints.
final class SupervisorProcess implements AutoCloseable {
  private static final Pattern STARTED =
      Pattern.compile("event child \\d+ \\(pid (\\d+),.*started");

  private final Process process;
  private final Thread reader;
  private final List<String> lines = new ArrayList<>(); // guarded by itself

  /// Starts one and waits until it serves.
  ///
  /// @param graceSeconds its `GracefulShutdownTimeout`
  SupervisorProcess(ProcessModel model, int graceSeconds) throws Exception {
    this(model, graceSeconds, CommandServer.class, Map.of(), ProcessBuilder.Redirect.INHERIT);
  }

  /// Starts one that has this application, and waits until it serves. What its processes say on
  /// standard error counts as printed.
  ///
  /// @param environment of it and its children, beside that of this JVM
  SupervisorProcess(
      ProcessModel model,
      int graceSeconds,
      Class<? extends ChildApplication> application,
      Map<String, String> environment)
      throws Exception {
    this(model, graceSeconds, application, environment, ProcessBuilder.Redirect.PIPE);
  }

  private SupervisorProcess(
      ProcessModel model,
      int graceSeconds,
      Class<? extends ChildApplication> application,
      Map<String, String> environment,
      ProcessBuilder.Redirect error)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SupervisorMain.class.getName(),
                model.name(),
                Integer.toString(graceSeconds),
                application.getName())
            .redirectError(error)
            .redirectErrorStream(ProcessBuilder.Redirect.PIPE.equals(error));
    builder.environment().putAll(environment);
    process = builder.start();
    reader = Thread.ofPlatform().name("supervisor-output").start(this::read);
    await("its port", line -> line.startsWith("port "));
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = output.readLine()) != null; ) {
        synchronized (lines) {
          lines.add(line);
        }
      }
    } catch (IOException _) {
      // it was killed
    }
  }

  private List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /// Waits until it has printed such a line; the first one.
  String await(String what, Predicate<String> wanted) throws Exception {
    Processes.await(what, () -> lines().stream().anyMatch(wanted));
    return lines().stream().filter(wanted).findFirst().orElseThrow();
  }

  /// Waits until it has printed a line that contains this.
  String awaitText(String text) throws Exception {
    return await(text, line -> line.contains(text));
  }

  /// Waits for an event whose text contains this.
  String awaitEvent(String text) throws Exception {
    return await(text, line -> line.startsWith("event ") && line.contains(text));
  }

  /// What it prints in answer to a command, in a line that begins with this.
  String ask(String command, String prefix) throws Exception {
    int before = lines().size();
    command(command);
    Processes.await(prefix, () -> answer(before, prefix).size() > 0);
    return answer(before, prefix).getFirst();
  }

  private List<String> answer(int before, String prefix) {
    List<String> all = lines();
    return all.subList(before, all.size()).stream().filter(s -> s.startsWith(prefix)).toList();
  }

  void command(String command) throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).append(command).append('\n').flush();
  }

  long pid() {
    return process.pid();
  }

  int port() {
    String line = lines().stream().filter(s -> s.startsWith("port ")).findFirst().orElseThrow();
    return Integer.parseInt(line.substring("port ".length()));
  }

  SocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
  }

  /// Every child that there has ever been.
  List<Long> childrenEver() {
    return lines().stream()
        .map(STARTED::matcher)
        .filter(Matcher::find)
        .map(found -> Long.valueOf(found.group(1)))
        .toList();
  }

  /// Kills it, not its children.
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /// Waits until nobody is left who could print anything: neither it nor a child.
  void awaitEndOfOutput() throws Exception {
    Processes.await("the end of all processes", () -> !reader.isAlive());
  }

  /// Ends all of them. Waits for the thread that reads, which closes what it has read.
  @Override
  public void close() throws IOException {
    kill();
    childrenEver().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    try {
      assertTrue(reader.join(Processes.PATIENCE), "somebody still has its output");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.errorReader(StandardCharsets.UTF_8).close();
    try {
      process.outputWriter(StandardCharsets.UTF_8).close();
    } catch (IOException _) {
      // nobody reads it
    }
  }
}
