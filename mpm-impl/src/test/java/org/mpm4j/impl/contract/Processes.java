package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What a test asks the operating system about a server's processes, ports and time.
final class Processes {
  /// How long a test waits for what must come. A test that passes does not, so that this is for the
  /// slowest machine; the limits of the classes are above it, or nobody would say what was missing.
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 20_000;
  private static final AtomicInteger ports =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS)); // other JVMs do the same

  private Processes() {}

  /// Waits; if it takes too long, prints what the children do and fails.
  static void await(String what, Callable<Boolean> condition) throws Exception {
    await(() -> what, condition);
  }

  /// The same; what was awaited is asked for only if it does not come.
  static void await(Supplier<String> what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        printThreadsOfChildren();
        throw new AssertionError("not in time: " + what.get());
      }
      Thread.sleep(5); // between two looks
    }
  }

  private static void printThreadsOfChildren() throws Exception {
    for (ProcessHandle child : ProcessHandle.current().children().toList()) {
      System.err.println("child " + child.pid() + ": " + child.info());
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      var _ =
          new ProcessBuilder(jcmd, Long.toString(child.pid()), "Thread.print")
              .inheritIO()
              .start()
              .waitFor(10, TimeUnit.SECONDS);
    }
  }

  /// Whether no process runs with this pid; one that nobody has reaped does not run.
  static boolean gone(long pid) throws IOException {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      if (state != 'Z' && state != 'X') {
        return false;
      }
      try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
        return threads.count() <= 1; // others may outlive the first one, with all descriptors
      }
    } catch (NoSuchFileException _) {
      return true;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return true; // it ended between open and read
      }
      throw e;
    }
  }

  static void awaitGone(Iterable<Long> pids) throws Exception {
    for (long pid : pids) {
      await("the end of " + pid, () -> gone(pid));
    }
  }

  static void kill(long pid) {
    assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly(), "kill " + pid);
  }

  /// Sends a signal by its name, such as `STOP`.
  static void signal(String name, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start();
    assertEquals(0, kill.waitFor(), "kill -" + name + " " + pid);
  }

  static List<Long> childrenOfThisProcess() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }

  static void assertNothingLeft(List<Long> pids, int port) throws Exception {
    for (long pid : pids) {
      assertTrue(gone(pid), "process " + pid + " is left");
    }
    assertEquals(List.of(), childrenOfThisProcess());
    assertPortFree(port);
  }

  static void assertPortFree(int port) throws IOException {
    new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
  }

  static boolean isFree(int port) throws IOException {
    try {
      assertPortFree(port);
      return true;
    } catch (BindException _) {
      return false;
    }
  }

  /// A port that nobody listens on, and that the kernel gives to nobody who asks for any: those
  /// begin at 32768. One that it had given, it could give again before the test binds it.
  static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + Math.floorMod(ports.getAndIncrement(), PORTS);
      if (isFree(port)) {
        return port;
      }
    }
  }
}
