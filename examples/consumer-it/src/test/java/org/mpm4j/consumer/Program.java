package org.mpm4j.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A running program of the user's project: a supervisor with two children, or a program that needs
/// none.
final class Program implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("(?m)^ready: .*:(\\d+)$");
  private static final long SECONDS = 90;

  private final Process process;
  private final Path output;
  private final Set<ProcessHandle> childrenEver = new HashSet<>();
  private final int port;

  /// Starts it and waits until it is ready.
  ///
  /// @param command a shell's, to which the address is added
  /// @param address what the program calls an address, with port 0
  /// @param environment what is added to the environment
  Program(UserProject project, String command, String address, Map<String, String> environment)
      throws Exception {
    output = project.folder().resolveSibling("consumer-program.log");
    ProcessBuilder builder =
        project.prepare(List.of("bash", "-c", "exec " + command + " " + address));
    builder.environment().putAll(environment);
    process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    boolean ready = false;
    try {
      await("ready", () -> !process.isAlive() || READY.matcher(printed()).find());
      Matcher matcher = READY.matcher(printed());
      assertTrue(matcher.find(), () -> command + " ended:\n" + printed());
      port = Integer.parseInt(matcher.group(1));
      ready = true;
    } finally {
      if (!ready) {
        close();
      }
    }
  }

  private String printed() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    long start = System.nanoTime();
    while (!condition.call()) {
      assertTrue(
          System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS),
          () -> "waited for: " + what + "; the program said:\n" + printed());
      Thread.sleep(20); // between two looks
    }
  }

  /// The processes that it has started and that still run.
  Set<Long> children() {
    childrenEver.addAll(process.children().toList());
    return process.children().map(ProcessHandle::pid).collect(Collectors.toSet());
  }

  /// Sends a line and returns the answer.
  String ask(String line) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
      socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
      BufferedReader answers =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      return String.valueOf(answers.readLine());
    }
  }

  /// Asks for something over HTTP and returns the answer, without spaces at its ends.
  String get(String path) throws IOException {
    URLConnection connection =
        URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setReadTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
    try (InputStream answer = connection.getInputStream()) {
      return new String(answer.readAllBytes(), UTF_8).strip();
    }
  }

  /// Waits until there are two children, none of which is `gone`.
  void awaitTwoChildren(long gone) throws Exception {
    await(
        "two children without " + gone,
        () -> {
          Set<Long> now = children(); // one look: the next may miss one that has just been reaped
          return now.size() == 2 && !now.contains(gone);
        });
  }

  /// Kills a child as a crash would.
  void kill(long child) {
    assertTrue(ProcessHandle.of(child).orElseThrow().destroyForcibly(), "kill " + child);
  }

  /// Sends it TERM, and checks that nothing of it is left.
  void stop() throws Exception {
    Set<Long> children = children();
    assertEquals(2, children.size(), this::printed);
    process.destroy();
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "still runs:\n" + printed());
    assertEquals(0, process.exitValue(), this::printed);
    for (ProcessHandle child : childrenEver) {
      assertTrue(!child.isAlive(), () -> "child " + child.pid() + " is left:\n" + printed());
    }
    new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close(); // nobody listens
  }

  @Override
  public void close() {
    childrenEver.addAll(process.children().toList());
    process.destroyForcibly().onExit().join();
    childrenEver.forEach(ProcessHandle::destroyForcibly);
  }
}
