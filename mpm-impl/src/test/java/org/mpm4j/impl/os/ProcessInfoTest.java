package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ProcessInfoTest {
  private final Linux os = Linux.open();

  @Test
  void nameMayLookLikeTheRest() {
    String stat =
        "12 (a) Z 1 (b) S 7 12 12 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 98765 1000 2 1844 0\n";
    ProcessInfo info = ProcessInfo.parse(stat);
    assertEquals('S', info.state());
    assertEquals(7, info.parent());
    assertEquals(98_765, info.startTicks());
    assertEquals(3_000_000_000L, info.cpuNanos());
    assertEquals(0, info.residentBytes() % 4096);
    assertTrue(info.residentBytes() >= 2 * 4096);
    assertFalse(info.isZombie());
  }

  @Test
  void ofThisProcessIsWhatTheKernelSaysElsewhere() throws IOException {
    ProcessInfo info = ProcessInfo.read(os.getpid()).orElseThrow();
    assertEquals(os.getppid(), info.parent());
    long kilobytes =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM:")) // the most it ever had
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    assertTrue(info.residentBytes() > 10_000_000, () -> info.toString());
    // both are summed over per-processor counters, so give them some room
    assertTrue(info.residentBytes() < kilobytes * 1024 * 2, () -> info + " " + kilobytes);
  }

  @Test
  void zombieIsKnownUntilItIsReaped() {
    int pid =
        os.posixSpawn(
            new SpawnRequest("/bin/sh", List.of("sh", "-c", "exit"), List.of(), List.of(), false));
    assertTrue(pid > 0);
    Optional<ProcessInfo> info;
    do {
      info = ProcessInfo.read(pid);
    } while (info.isPresent() && !info.get().isZombie());
    assertEquals('Z', info.orElseThrow().state());
    assertEquals(0, info.get().residentBytes());
    assertEquals(os.getpid(), info.get().parent());
    assertEquals(pid, os.waitpid(pid, false, new int[1]));
    assertEquals(Optional.empty(), ProcessInfo.read(pid));
  }
}
