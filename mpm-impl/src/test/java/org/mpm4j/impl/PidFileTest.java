package org.mpm4j.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.StartException;

class PidFileTest {
  @TempDir Path folder;

  @Test
  void holdsTheProcessIdAndIsRemovedAtTheEnd() throws IOException {
    Path path = folder.resolve("a.pid");
    try (PidFile _ = PidFile.create(path, 4711)) {
      assertEquals("4711\n", Files.readString(path));
    }
    assertFalse(Files.exists(path));
    PidFile.create(path, 4711).close();
  }

  @Test
  void ofALiveServerInThisJvmIsRefused() throws IOException {
    Path path = folder.resolve("a.pid");
    try (PidFile _ = PidFile.create(path, 4711)) {
      StartException refused = assertThrows(StartException.class, () -> PidFile.create(path, 4711));
      assertEquals(
          "PidFile " + path.toRealPath() + ": already running with pid 4711", refused.getMessage());
      assertThrows(StartException.class, () -> PidFile.create(path, 4711));
    }
  }

  /// A lock that was lost by opening the file a second time let a second server start.
  @Test
  void ofALiveServerInAnotherProcessIsRefused() throws Exception {
    Path path = folder.resolve("a.pid");
    try (PidFile _ = PidFile.create(path, 4711)) {
      String refused = "PidFile " + path.toRealPath() + ": already running with pid 4711";
      assertEquals(refused, createElsewhere(path));
      assertEquals(refused, createElsewhere(path));
    }
    assertEquals("created", createElsewhere(path));
  }

  @Test
  void thatIsStaleIsTakenOver() throws IOException {
    Path path = Files.writeString(folder.resolve("a.pid"), ProcessHandle.current().pid() + "\n");
    try (PidFile _ = PidFile.create(path, 4711)) {
      assertEquals("4711\n", Files.readString(path));
    }
  }

  private static String createElsewhere(Path path) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Creator.class.getName(),
                    path.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor(30, TimeUnit.SECONDS);
    return said;
  }

  /// Another process.
  public static final class Creator {
    private Creator() {}

    public static void main(String[] args) throws IOException {
      try (PidFile _ = PidFile.create(Path.of(args[0]), 1)) {
        System.out.println("created");
      } catch (StartException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
