package org.mpm4j.impl.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Asks and changes who this process is. Loaded when the first of these is called.
final class IdentityCalls {
  /*
   * The kernel keeps ids per thread. The functions of the C library, unlike the system calls of the
   * same names, change them on every thread of the process (nptl(7)); glibc aborts the process if the
   * threads' results differ.
   * uid_t and gid_t are unsigned 32-bit integers (bits/typesizes.h); -1 means "leave as it is".
   */
  private static final MemorySegment GETUID = Libc.function("getuid");
  private static final MemorySegment GETEUID = Libc.function("geteuid");
  private static final MemorySegment GETGID = Libc.function("getgid");
  private static final MemorySegment SETGROUPS = Libc.function("setgroups");
  private static final MemorySegment SETRESGID = Libc.function("setresgid");
  private static final MemorySegment SETRESUID = Libc.function("setresuid");
  private static final MemorySegment PRCTL = Libc.function("prctl");

  private IdentityCalls() {}

  static long getuid() {
    return id(GETUID);
  }

  static long geteuid() {
    return id(GETEUID);
  }

  static long getgid() {
    return id(GETGID);
  }

  private static long id(MemorySegment function) {
    return Integer.toUnsignedLong(Libc.call32(function, 0));
  }

  static int setgroups(List<Long> gids) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, gids.size()));
      for (int i = 0; i < gids.size(); i++) {
        list.setAtIndex(ValueLayout.JAVA_INT, i, gids.get(i).intValue());
      }
      return Libc.call32(SETGROUPS, gids.size(), list.address());
    }
  }

  static int setresgid(long gid) {
    return Libc.call32(SETRESGID, gid, gid, gid);
  }

  static int setresuid(long uid) {
    return Libc.call32(SETRESUID, uid, uid, uid);
  }

  static int prctl(int option, long argument) {
    return Libc.call32(PRCTL, option, argument, 0, 0, 0);
  }
}
