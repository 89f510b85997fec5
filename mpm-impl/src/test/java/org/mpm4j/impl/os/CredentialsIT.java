package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class CredentialsIT {
  /// A JVM cannot go back to being root, so it is one of its own.
  @Test
  void rootBecomesTheUserOnEveryThreadAndForGood() throws Exception {
    assumeTrue(Linux.open().geteuid() == 0, "only root can become another user");
    Process process =
        new ProcessBuilder(ForkedJvm.command(Dropped.class, "nobody", "#7"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    Map<String, String> values =
        said.lines()
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    assertEquals("[65534 65534 65534 65534]", values.get("Uid"));
    assertEquals("[7 7 7 7]", values.get("Gid"));
    assertEquals("[7]", values.get("Groups"));
    assertTrue(Integer.parseInt(String.valueOf(values.get("threads"))) > 5, said);
    assertEquals("EPERM", values.get("setresuid"));
    assertEquals("EPERM", values.get("setgroups"));
    assertEquals("readable", values.get("environ"), "dumpable");
    assertEquals("65534", values.get("owner of a new file"));
  }

  /// Another process.
  public static final class Dropped {
    private Dropped() {}

    /// Becomes somebody else and says who.
    ///
    /// @param args the user and the group
    public static void main(String[] args) throws Exception {
      Linux os = Linux.open();
      Credentials credentials =
          Credentials.resolve(os, Optional.of(args[0]), Optional.of(args[1])).orElseThrow();
      Thread.ofPlatform().daemon().start(Dropped::startThreads);
      credentials.apply(os);
      credentials.apply(os);
      Map<String, Set<String>> ids = new TreeMap<>();
      System.out.println("threads=" + readThreads(ids));
      ids.forEach((key, values) -> System.out.println(key + "=" + values));
      System.out.println("setresuid=" + Errno.name(os.setresuid(0)));
      System.out.println("setgroups=" + Errno.name(os.setgroups(credentials.groups())));
      try (InputStream _ = Files.newInputStream(Path.of("/proc/self/environ"))) {
        System.out.println("environ=readable");
      } catch (IOException e) {
        System.out.println("environ=" + e);
      }
      Path file = Files.createTempFile("mpm4j", ".tmp");
      System.out.println("owner of a new file=" + Files.getAttribute(file, "unix:uid"));
      Files.delete(file);
    }

    /// Threads that begin and end while the user changes.
    private static void startThreads() {
      while (true) {
        Thread thread = Thread.ofPlatform().daemon().start(Thread::onSpinWait);
        try {
          thread.join();
        } catch (InterruptedException _) {
          return;
        }
      }
    }

    private static int readThreads(Map<String, Set<String>> ids) throws IOException {
      int threads = 0;
      try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
        for (Path task : tasks) {
          try {
            for (String line : Files.readAllLines(task.resolve("status"))) {
              if (line.matches("(Uid|Gid|Groups):.*")) {
                String[] pair = line.split(":", 2);
                ids.computeIfAbsent(pair[0], _ -> new TreeSet<>())
                    .add(pair[1].strip().replace('\t', ' '));
              }
            }
            threads++;
          } catch (IOException e) {
            if (Files.exists(task)) {
              throw e;
            }
          }
        }
      }
      return threads;
    }
  }
}
