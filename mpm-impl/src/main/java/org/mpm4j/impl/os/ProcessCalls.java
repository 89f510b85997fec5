package org.mpm4j.impl.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/// Starts, signals and reaps processes. Loaded when the first of these is called.
final class ProcessCalls {
  /*
   * posix_spawn and not fork: a forked JVM has one thread and the locks of all the others, so nothing
   * may run in it but async-signal-safe C. posix_spawn runs only C before exec.
   *
   * File actions run in order, each on what the one before left. A source that is also a target would
   * be overwritten before its turn, so every source is first duplicated, in this process, to a number
   * above all targets; dup2 then never meets its own source, and clears close-on-exec on each target.
   * Last, everything from the first unused number on is closed, which takes the duplicates and whatever
   * the JVM or the application opened without close-on-exec.
   */
  private static final int WNOHANG = 1; // bits/waitflags.h
  private static final int O_RDWR = 2; // asm-generic/fcntl.h
  private static final int SPAWN_SETPGROUP = 0x02; // spawn.h
  private static final int SPAWN_SETSIGDEF = 0x04; // spawn.h
  private static final int SPAWN_SETSIGMASK = 0x08; // spawn.h
  private static final int SYS_PIDFD_OPEN = 434; // asm-generic/unistd.h, the same on x86-64

  // posix_spawn_file_actions_t is 80 bytes, posix_spawnattr_t 336, sigset_t 128 (glibc and musl)
  private static final long FILE_ACTIONS_SIZE = 128;
  private static final long ATTRIBUTES_SIZE = 512;
  private static final long SIGNAL_SET_SIZE = 128;

  private static final MemorySegment WAITPID = Libc.function("waitpid");
  private static final MemorySegment KILL = Libc.function("kill");
  private static final MemorySegment KILLPG = Libc.function("killpg");
  private static final MemorySegment PIDFD_OPEN = Libc.functionOrNull("pidfd_open");
  private static final MemorySegment SYSCALL = Libc.function("syscall");

  private ProcessCalls() {}

  static int waitpid(int pid, boolean noHang, int[] status) {
    CallMemory memory = CallMemory.current();
    long statusAt = memory.at(CallMemory.WORD);
    int result = Libc.call32(WAITPID, memory, pid, statusAt, noHang ? WNOHANG : 0, 0, 0, 0);
    if (result > 0) {
      status[0] = memory.all().get(ValueLayout.JAVA_INT, CallMemory.WORD);
    }
    return result;
  }

  static int kill(int pid, int signal) {
    return Libc.call32(KILL, pid, signal);
  }

  static int killpg(int group, int signal) {
    return Libc.call32(KILLPG, group, signal);
  }

  /// glibc has the function since 2.36, the kernel since 5.3.
  static int pidfdOpen(int pid) {
    return PIDFD_OPEN.equals(MemorySegment.NULL)
        ? Libc.call32(SYSCALL, SYS_PIDFD_OPEN, pid, 0)
        : Libc.call32(PIDFD_OPEN, pid, 0);
  }

  static int spawn(Syscalls os, SpawnRequest request) {
    if (Spawn.ADD_CLOSE_FROM.equals(MemorySegment.NULL)) {
      throw new UnsupportedOperationException(
          "child processes need glibc 2.34 or newer:"
              + " the C library has no posix_spawn_file_actions_addclosefrom_np");
    }
    int[] copies = new int[request.descriptors().size()];
    Arrays.fill(copies, -1);
    int error = duplicate(os, request.descriptors(), copies);
    try (Arena arena = Arena.ofConfined()) {
      return error < 0 ? error : spawn(arena, request, copies);
    } finally {
      for (int copy : copies) {
        if (copy >= 0) {
          os.close(copy);
        }
      }
    }
  }

  private static int duplicate(Syscalls os, List<Integer> sources, int[] copies) {
    for (int i = 0; i < copies.length; i++) {
      int source = sources.get(i);
      if (source == -1) {
        continue;
      }
      int copy = os.fcntlDupFd(source, copies.length);
      if (copy < 0) {
        return copy;
      }
      copies[i] = copy;
    }
    return 0;
  }

  private static int spawn(Arena arena, SpawnRequest request, int[] copies) {
    long actions = arena.allocate(FILE_ACTIONS_SIZE, 16).address();
    long attributes = arena.allocate(ATTRIBUTES_SIZE, 16).address();
    int error = call(Spawn.ACTIONS_INIT, actions);
    if (error < 0) {
      return error;
    }
    error = call(Spawn.ATTRIBUTES_INIT, attributes);
    if (error < 0) {
      call(Spawn.ACTIONS_DESTROY, actions);
      return error;
    }
    try {
      error = addActions(arena, actions, copies);
      if (error == 0) {
        error = setAttributes(arena, attributes, request.newProcessGroup());
      }
      return error < 0 ? error : exec(arena, actions, attributes, request);
    } finally {
      call(Spawn.ATTRIBUTES_DESTROY, attributes);
      call(Spawn.ACTIONS_DESTROY, actions);
    }
  }

  private static int addActions(Arena arena, long actions, int[] copies) {
    long devNull = arena.allocateFrom("/dev/null").address();
    for (int i = 0; i < copies.length; i++) {
      int error =
          copies[i] < 0
              ? call(Spawn.ADD_OPEN, actions, i, devNull, O_RDWR, 0)
              : call(Spawn.ADD_DUP2, actions, copies[i], i);
      if (error < 0) {
        return error;
      }
    }
    return call(Spawn.ADD_CLOSE_FROM, actions, copies.length);
  }

  private static int setAttributes(Arena arena, long attributes, boolean newProcessGroup) {
    long none = arena.allocate(SIGNAL_SET_SIZE, 8).address();
    long every = arena.allocate(SIGNAL_SET_SIZE, 8).address();
    int error = Libc.call32(Spawn.SIGFILLSET, every);
    if (error == 0) {
      error = call(Spawn.SET_SIGNAL_MASK, attributes, none);
    }
    if (error == 0) {
      error = call(Spawn.SET_SIGNAL_DEFAULT, attributes, every);
    }
    if (error == 0 && newProcessGroup) {
      error = call(Spawn.SET_GROUP, attributes, 0);
    }
    int flags = SPAWN_SETSIGMASK | SPAWN_SETSIGDEF | (newProcessGroup ? SPAWN_SETPGROUP : 0);
    return error < 0 ? error : call(Spawn.SET_FLAGS, attributes, flags);
  }

  private static int exec(Arena arena, long actions, long attributes, SpawnRequest request) {
    MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
    long path = arena.allocateFrom(request.executable()).address();
    long arguments = strings(arena, request.arguments());
    long environment = strings(arena, request.environment());
    int error = call(Spawn.SPAWN, pid.address(), path, actions, attributes, arguments, environment);
    return error < 0 ? error : pid.get(ValueLayout.JAVA_INT, 0);
  }

  /// A NULL-terminated array of C strings.
  private static long strings(Arena arena, List<String> values) {
    MemorySegment array = arena.allocate(ValueLayout.JAVA_LONG, values.size() + 1L);
    for (int i = 0; i < values.size(); i++) {
      array.setAtIndex(ValueLayout.JAVA_LONG, i, arena.allocateFrom(values.get(i)).address());
    }
    return array.address();
  }

  private static int call(MemorySegment function, long... arguments) {
    long[] all = Arrays.copyOf(arguments, 6);
    return Libc.callReturningErrno(function, all[0], all[1], all[2], all[3], all[4], all[5]);
  }

  /// The functions of spawn.h; looked up when the first process is started.
  private static final class Spawn {
    private static final String ACTIONS = "posix_spawn_file_actions_";
    private static final String ATTRIBUTES = "posix_spawnattr_";

    static final MemorySegment SPAWN = Libc.function("posix_spawn");
    static final MemorySegment ACTIONS_INIT = Libc.function(ACTIONS + "init");
    static final MemorySegment ACTIONS_DESTROY = Libc.function(ACTIONS + "destroy");
    static final MemorySegment ADD_OPEN = Libc.function(ACTIONS + "addopen");
    static final MemorySegment ADD_DUP2 = Libc.function(ACTIONS + "adddup2");
    static final MemorySegment ADD_CLOSE_FROM = Libc.functionOrNull(ACTIONS + "addclosefrom_np");
    static final MemorySegment ATTRIBUTES_INIT = Libc.function(ATTRIBUTES + "init");
    static final MemorySegment ATTRIBUTES_DESTROY = Libc.function(ATTRIBUTES + "destroy");
    static final MemorySegment SET_FLAGS = Libc.function(ATTRIBUTES + "setflags");
    static final MemorySegment SET_GROUP = Libc.function(ATTRIBUTES + "setpgroup");
    static final MemorySegment SET_SIGNAL_MASK = Libc.function(ATTRIBUTES + "setsigmask");
    static final MemorySegment SET_SIGNAL_DEFAULT = Libc.function(ATTRIBUTES + "setsigdefault");
    static final MemorySegment SIGFILLSET = Libc.function("sigfillset");
  }
}
