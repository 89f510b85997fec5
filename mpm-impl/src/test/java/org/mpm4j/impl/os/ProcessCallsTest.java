package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.impl.os.FaultySyscalls.Call;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class ProcessCallsTest {
  // no glob and no command substitution, which would show descriptors of their own
  private static final String LIST_DESCRIPTORS =
      """
      i=0
      while [ $i -lt 1000 ]; do
        if [ -L /proc/$$/fd/$i ]; then
          printf '%s ' $i
          readlink /proc/$$/fd/$i
        fi
        i=$((i + 1))
      done
      """;

  private final Linux os = Linux.open();
  private final NativeBuffer buffer = new NativeBuffer(4096);
  private final int[] output = new int[2];

  @BeforeEach
  void open() {
    assertEquals(0, os.socketpair(output));
  }

  @AfterEach
  void close() {
    os.close(output[0]);
    os.close(output[1]);
  }

  @Test
  void childGetsArgumentsAndEnvironment() {
    SpawnRequest request =
        new SpawnRequest(
            "/bin/sh",
            List.of("shell", "-c", "echo \"$0 $1 $A $B\"", "größe", "two words"),
            List.of("A=ä", "B=b=c"),
            List.of(-1, output[1], -1),
            false);
    assertEquals("größe two words ä b=c\n", run(request));
  }

  @Test
  void childHasExactlyTheDescriptorsListedEvenWhereTheyCollide() {
    int a = os.memfdCreate("a");
    int b = os.memfdCreate("b");
    int last = Math.max(a, b);
    List<Integer> descriptors = new ArrayList<>(Collections.nCopies(last + 1, -1));
    descriptors.set(1, output[1]);
    descriptors.set(3, a);
    descriptors.set(a, b);
    descriptors.set(b, a);

    Map<Integer, String> expected = new TreeMap<>();
    for (int i = 0; i <= last; i++) {
      expected.put(i, "/dev/null");
    }
    expected.put(1, OpenDescriptors.list().get(output[1]));
    expected.put(3, "/memfd:a (deleted)");
    expected.put(a, "/memfd:b (deleted)");
    expected.put(b, "/memfd:a (deleted)");

    Map<Integer, String> actual = new TreeMap<>();
    for (String line : run(shell(LIST_DESCRIPTORS, descriptors)).lines().toList()) {
      String[] words = line.split(" ", 2);
      actual.put(Integer.valueOf(words[0]), words[1]);
    }
    assertEquals(expected, actual);
    os.close(a);
    os.close(b);
  }

  @Test
  void childHasNoSignalBlockedOrIgnored() {
    String signals = run(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status", List.of(-1, output[1])));
    String none = "0".repeat(16);
    // glibc's posix_spawn has the two signals that it keeps for itself, 32 and 33, ignored
    String ignored = "0000000180000000";
    assertEquals("SigBlk:\t" + none + "\nSigIgn:\t" + ignored + "\n", signals);
  }

  @Test
  void exitStatusIsReportedAndThePidfdIsReadable() {
    int[] go = new int[2];
    assertEquals(0, os.socketpair(go));
    int pid = os.posixSpawn(shell("read line; exit 7", List.of(go[1])));
    assertTrue(pid > 0, () -> Errno.message(pid));
    int pidfd = os.pidfdOpen(pid);
    assertTrue(pidfd >= 0);
    int[] status = new int[1];
    try (PollSet set = new PollSet(1)) {
      set.set(0, pidfd, PollSet.POLLIN);
      assertEquals(0, os.poll(set, 0));
      assertEquals(0, os.waitpid(pid, true, status), "still running");
      assertEquals(0, os.kill(pid, 0));
      buffer.send(os, go[0], "\n");
      assertEquals(1, os.poll(set, 30_000));
      assertEquals(PollSet.POLLIN, set.revents(0));
    }
    assertEquals(pid, os.waitpid(pid, true, status));
    assertEquals(new ExitStatus.Exited(7), ExitStatus.ofWaitStatus(status[0]));
    assertEquals(-Errno.ECHILD, os.waitpid(pid, true, status));
    assertEquals(-Errno.ESRCH, os.kill(pid, 0));
    os.close(pidfd);
    os.close(go[0]);
    os.close(go[1]);
  }

  @Test
  void signalIsReported() {
    int pid = os.posixSpawn(shell("kill -9 $$", List.of()));
    int[] status = new int[1];
    assertEquals(pid, os.waitpid(pid, false, status));
    ExitStatus exit = ExitStatus.ofWaitStatus(status[0]);
    assertEquals(new ExitStatus.Signaled(Signals.KILL), exit);
    assertEquals("killed by signal 9 (KILL)", exit.toString());
    assertEquals("exit status 1", ExitStatus.ofWaitStatus(0x100).toString());
    assertEquals("killed by signal 34 (RT34)", ExitStatus.ofWaitStatus(34).toString());
    assertEquals(new ExitStatus.Signaled(Signals.PIPE), ExitStatus.ofWaitStatus(0x80 | 13));
  }

  @Test
  void groupIsSignaledWithItsGrandchildren() {
    SpawnRequest request =
        new SpawnRequest(
            "/bin/sh",
            List.of("sh", "-c", "sleep 1000 & echo ready; wait"),
            List.of("PATH=/usr/bin:/bin"),
            List.of(-1, output[1]),
            true);
    int pid = os.posixSpawn(request);
    assertTrue(pid > 0, () -> Errno.message(pid));
    os.close(output[1]);
    output[1] = -1;
    assertEquals("ready\n", buffer.receive(os, output[0]));
    assertEquals(0, os.killpg(pid, Signals.TERM));
    assertEquals(new ExitStatus.Signaled(Signals.TERM), reap(pid));
    assertEquals("", buffer.receive(os, output[0]), "the grandchild held the output open");
  }

  @Test
  void failuresAreReportedAndLeakNothing() {
    SpawnRequest missing =
        new SpawnRequest("/none", List.of("none"), List.of(), List.of(0, 1, 2), false);
    assertEquals(-Errno.ENOENT, os.posixSpawn(missing));
    SpawnRequest directory =
        new SpawnRequest("/tmp", List.of("tmp"), List.of(), List.of(0, 1, 2), true);
    assertEquals(-Errno.EACCES, os.posixSpawn(directory));
    assertEquals(-Errno.EBADF, os.posixSpawn(shell("true", List.of(0, 1, 9999))));
    FaultySyscalls exhausted = new FaultySyscalls(os);
    exhausted.pass(Call.FCNTL_DUP_FD, 2).answer(Call.FCNTL_DUP_FD, -Errno.EMFILE);
    assertEquals(-Errno.EMFILE, ProcessCalls.spawn(exhausted, shell("true", List.of(0, 1, 2, 0))));
    assertEquals(2, exhausted.count(Call.CLOSE));
  }

  @Test
  void requestsThatCCannotTakeAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new SpawnRequest("/bin/sh", List.of(), List.of(), List.of(), false));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SpawnRequest("/bin/sh", List.of("a\0b"), List.of(), List.of(), false));
  }

  @Test
  void idsAreThoseOfTheJvm() {
    assertEquals(ProcessHandle.current().pid(), os.getpid());
    assertEquals(ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L), os.getppid());
    int pid = os.posixSpawn(shell("echo $PPID", List.of(-1, output[1])));
    assertEquals(os.getpid() + "\n", buffer.receive(os, output[0]));
    assertEquals(new ExitStatus.Exited(0), reap(pid));
  }

  private SpawnRequest shell(String script, List<Integer> descriptors) {
    return new SpawnRequest(
        "/bin/sh", List.of("sh", "-c", script), List.of("PATH=/usr/bin:/bin"), descriptors, false);
  }

  /// Runs to the end, and returns what was printed.
  private String run(SpawnRequest request) {
    int pid = os.posixSpawn(request);
    assertTrue(pid > 0, () -> Errno.message(pid));
    os.close(output[1]);
    output[1] = -1;
    String printed = buffer.receiveAll(os, output[0]);
    assertEquals(new ExitStatus.Exited(0), reap(pid));
    return printed;
  }

  private ExitStatus reap(int pid) {
    int[] status = new int[1];
    int result;
    do {
      result = os.waitpid(pid, false, status);
    } while (result == -Errno.EINTR);
    assertEquals(pid, result);
    return ExitStatus.ofWaitStatus(status[0]);
  }
}
