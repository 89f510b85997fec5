package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.impl.os.AdoptedZombies.Zombie;
import org.mpm4j.impl.os.FaultySyscalls.Call;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class AdoptedZombiesTest {
  private final FaultySyscalls os = new FaultySyscalls(Linux.open());
  private final NativeBuffer buffer = new NativeBuffer(64);

  @Test
  void onlyZombiesOfThisProcessThatAreNotItsOwnAreMeant() {
    Map<Integer, ProcessInfo> processes =
        Map.of(
            10, info('Z', 1, 100),
            11, info('S', 1, 101),
            12, info('Z', 7, 102),
            13, info('Z', 1, 103));
    assertEquals(Set.of(new Zombie(10, 100)), AdoptedZombies.zombies(processes, 1, Set.of(13)));
  }

  @Test
  void aZombieIsDueWhenItIsSeenAgain() {
    Set<Zombie> now = Set.of(new Zombie(10, 100), new Zombie(11, 100), new Zombie(12, 200));
    Set<Zombie> before = Set.of(new Zombie(10, 100), new Zombie(12, 100), new Zombie(13, 1));
    assertEquals(Set.of(new Zombie(10, 100)), AdoptedZombies.due(before, now));
  }

  @Test
  void whoAdoptsNobodyDoesNotLook() throws IOException {
    AdoptedZombies zombies = AdoptedZombies.of(os);
    assertEquals(List.of(), zombies.reap(Set.of()));
    assertEquals(1, os.count(Call.GETPID), "only to see whether it is 1");
  }

  @Test
  void orphanThatEndsIsReapedByItsSubreaper() throws IOException {
    assertEquals(0, os.prctl(Syscalls.PR_SET_CHILD_SUBREAPER, 1));
    try {
      reapsAnOrphan();
    } finally {
      assertEquals(0, os.prctl(Syscalls.PR_SET_CHILD_SUBREAPER, 0));
    }
  }

  private void reapsAnOrphan() throws IOException {
    int[] pair = new int[2];
    assertEquals(0, os.socketpair(pair));
    // the orphan waits until we have seen its parent end
    int parent =
        os.posixSpawn(
            new SpawnRequest(
                "/bin/sh",
                List.of("sh", "-c", "(read line) <&1 & echo $!"),
                List.of(),
                List.of(-1, pair[1], 2),
                false));
    assertTrue(parent > 0, () -> Errno.message(parent));
    int orphan = Integer.parseInt(buffer.receive(os, pair[0]).strip());
    assertEquals(parent, os.waitpid(parent, false, new int[1]));
    assertEquals(os.getpid(), ProcessInfo.read(orphan).orElseThrow().parent());
    AdoptedZombies zombies = AdoptedZombies.of(os);
    assertEquals(List.of(), zombies.reap(Set.of()));
    buffer.send(os, pair[0], "\n");
    while (!ProcessInfo.read(orphan).orElseThrow().isZombie()) {
      Thread.onSpinWait();
    }
    assertEquals(List.of(), zombies.reap(Set.of(orphan)), "somebody else waits for it");
    assertEquals(List.of(), zombies.reap(Set.of()), "seen once");
    assertEquals(List.of(orphan), zombies.reap(Set.of()));
    assertEquals(Optional.empty(), ProcessInfo.read(orphan));
    os.close(pair[0]);
    os.close(pair[1]);
  }

  /// An application's own process: the JDK fetches its exit status, not we.
  @Test
  void processOfTheApplicationIsLeftToTheJdk() throws Exception {
    assertEquals(0, os.prctl(Syscalls.PR_SET_CHILD_SUBREAPER, 1));
    try {
      List<Integer> reaped = new ArrayList<>();
      AdoptedZombies zombies = AdoptedZombies.of(os);
      Process process = new ProcessBuilder("sh", "-c", "exit 7").start();
      reaped.addAll(zombies.reap(Set.of()));
      assertEquals(7, process.waitFor());
      reaped.addAll(zombies.reap(Set.of()));
      assertFalse(reaped.contains((int) process.pid()));
    } finally {
      assertEquals(0, os.prctl(Syscalls.PR_SET_CHILD_SUBREAPER, 0));
    }
  }

  private static ProcessInfo info(char state, int parent, long startTicks) {
    return new ProcessInfo(state, parent, startTicks, 0, 0);
  }
}
