package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reaps processes that this one did not start but has inherited: those whose parent died while
/// this process is the init of its container, or a subreaper (prctl(2)).
///
/// For one thread.
public final class AdoptedZombies {
  /*
   * A zombie may also be a process that the application has started with ProcessBuilder, and whose
   * exit status the JDK's reaper thread is about to fetch. So one is reaped only when it is seen a
   * second time, a while later. A start time goes with the process id: of a new process with an old
   * id it is the first time.
   */
  private final Syscalls os;
  private final boolean adopts;
  private Set<Zombie> seen = Set.of();

  record Zombie(int pid, long startTicks) {}

  private AdoptedZombies(Syscalls os, boolean adopts) {
    this.os = os;
    this.adopts = adopts;
  }

  /// Looks whether this process inherits others at all; if not, [#reap] does nothing.
  public static AdoptedZombies of(Syscalls os) {
    return new AdoptedZombies(os, os.getpid() == 1 || isSubreaper(os));
  }

  private static boolean isSubreaper(Syscalls os) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(ValueLayout.JAVA_INT);
      int result = os.prctl(Syscalls.PR_GET_CHILD_SUBREAPER, answer.address());
      return result == 0 && answer.get(ValueLayout.JAVA_INT, 0) != 0;
    }
  }

  /// Reaps the zombies that the call before this one saw already. To be called every second or so,
  /// and not more often: in between the JDK reaps its own. Reads all of /proc, does not wait.
  ///
  /// @param own the children that somebody else waits for
  /// @return the processes reaped
  /// @throws IOException if /proc cannot be read
  public List<Integer> reap(Set<Integer> own) throws IOException {
    if (!adopts) {
      return List.of();
    }
    Set<Zombie> now = zombies(processes(), os.getpid(), own);
    List<Integer> reaped = new ArrayList<>();
    int[] status = new int[1];
    for (Zombie zombie : due(seen, now)) {
      if (os.waitpid(zombie.pid(), true, status) == zombie.pid()) {
        reaped.add(zombie.pid());
      }
    }
    seen = now;
    return reaped;
  }

  /// The zombies among `processes` that are `parent`'s and not in `own`.
  static Set<Zombie> zombies(Map<Integer, ProcessInfo> processes, int parent, Set<Integer> own) {
    Set<Zombie> zombies = new HashSet<>();
    processes.forEach((pid, process) -> {
      if (process.isZombie() && process.parent() == parent && !own.contains(pid)) {
        zombies.add(new Zombie(pid, process.startTicks()));
      }
    });
    return zombies;
  }

  /// Those that were there before and are there now.
  static Set<Zombie> due(Set<Zombie> before, Set<Zombie> now) {
    Set<Zombie> due = new HashSet<>(now);
    due.retainAll(before);
    return due;
  }

  private static Map<Integer, ProcessInfo> processes() throws IOException {
    Map<Integer, ProcessInfo> processes = new HashMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        Optional<ProcessInfo> process = ProcessInfo.read(pid);
        process.ifPresent(info -> processes.put(pid, info));
      }
    }
    return processes;
  }
}
