package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The users and groups of this machine, as the C library finds them: in files, LDAP or whatever
/// nsswitch.conf(5) says. Every look-up may block. Loaded when the first of these is called.
final class UserDatabase {
  /*
   *   offset         0        8          16      20      24
   *   struct passwd  | name   | password | uid   | gid   | …      48 bytes, pwd.h
   *   struct group   | name   | password | gid   |       | members  32 bytes, grp.h
   *
   * glibc and musl agree. The strings are in the buffer that comes with the call.
   */
  private static final long NAME = 0;
  private static final long ID = 16;
  private static final long USER_GROUP = 20;
  private static final long ENTRY_SIZE = 48;
  private static final int FIRST_BUFFER = 1024;
  private static final int LAST_BUFFER = 1 << 20; // a group's entry lists all its members

  private static final MemorySegment GETPWNAM = Libc.function("getpwnam_r");
  private static final MemorySegment GETPWUID = Libc.function("getpwuid_r");
  private static final MemorySegment GETGRNAM = Libc.function("getgrnam_r");
  private static final MemorySegment GETGROUPLIST = Libc.function("getgrouplist");

  private UserDatabase() {}

  /// An entry of passwd(5).
  record User(String name, long uid, long gid) {}

  private record Entry(MemorySegment structure, MemorySegment buffer) {
    long unsigned(long offset) {
      return Integer.toUnsignedLong(structure.get(ValueLayout.JAVA_INT, offset));
    }

    User user() {
      long name = structure.get(ValueLayout.JAVA_LONG, NAME) - buffer.address();
      return new User(buffer.getString(name), unsigned(ID), unsigned(USER_GROUP));
    }
  }

  static Optional<User> user(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return find(arena, GETPWNAM, arena.allocateFrom(name).address(), "user " + name)
          .map(Entry::user);
    }
  }

  static Optional<User> user(long uid) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return find(arena, GETPWUID, uid, "user id " + uid).map(Entry::user);
    }
  }

  /// A group's id.
  static OptionalLong group(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return find(arena, GETGRNAM, arena.allocateFrom(name).address(), "group " + name).stream()
          .mapToLong(entry -> entry.unsigned(ID))
          .findFirst();
    }
  }

  private static Optional<Entry> find(Arena arena, MemorySegment function, long key, String what)
      throws IOException {
    MemorySegment structure = arena.allocate(ENTRY_SIZE, 8);
    MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG);
    for (int size = FIRST_BUFFER; ; size *= 2) {
      MemorySegment buffer = arena.allocate(size);
      long structureAt = structure.address();
      long bufferAt = buffer.address();
      long foundAt = found.address();
      int error = Libc.callReturningErrno(function, key, structureAt, bufferAt, size, foundAt, 0);
      if (found.get(ValueLayout.JAVA_LONG, 0) != 0) {
        return Optional.of(new Entry(structure, buffer));
      }
      switch (error) {
        case 0, -Errno.ENOENT, -Errno.ESRCH -> { // each means "not found": getpwnam(3)
          return Optional.empty();
        }
        case -Errno.ERANGE -> {
          if (size >= LAST_BUFFER) {
            throw Errno.exception("could not look up " + what, error);
          }
        }
        case -Errno.EINTR -> size /= 2; // once more
        default -> throw Errno.exception("could not look up " + what, error);
      }
    }
  }

  /// The groups that a user is a member of, and `gid` (getgrouplist(3)).
  static List<Long> groups(String user, long gid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(user);
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      int room = 64;
      while (true) {
        MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, room);
        count.set(ValueLayout.JAVA_INT, 0, room);
        var _ = Libc.call32(GETGROUPLIST, name.address(), gid, list.address(), count.address());
        int groups = count.get(ValueLayout.JAVA_INT, 0);
        if (groups <= room) {
          List<Long> gids = new ArrayList<>();
          for (int i = 0; i < groups; i++) {
            gids.add(Integer.toUnsignedLong(list.getAtIndex(ValueLayout.JAVA_INT, i)));
          }
          return gids;
        }
        room = groups; // how many there are
      }
    }
  }
}
