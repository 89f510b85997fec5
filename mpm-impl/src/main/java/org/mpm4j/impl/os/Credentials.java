package org.mpm4j.impl.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// The user and the groups that a child serves as: httpd's `User` and `Group`.
///
/// @param user as configured: a name, or `#` and a number
/// @param uid its id, never root's
/// @param gid the id of the group
/// @param groups the supplementary groups, with `gid`
public record Credentials(String user, long uid, long gid, List<Long> groups) {
  /*
   * apply leaves nothing to trust: the kernel keeps ids per thread and a JVM has dozens of them, so
   * each one's is read back from proc(5). A thread that starts meanwhile has those of the one that
   * started it.
   *
   * Dumpable: the kernel clears the flag when the user changes (prctl(2)). There are no core dumps then,
   * the process cannot read its own /proc/self/environ or io, and its user's tools not its fd and root:
   * lsof, debuggers, and jcmd where the process has a /tmp of its own, in a container or with
   * PrivateTmp. As nginx does, and httpd where there is a CoreDumpDirectory, it is set again. What it
   * guards are secrets from before the change, and there are none: the application opens after it.
   */
  private static final long ROOT = 0;
  private static final long NOBODY = 0xffff_ffffL; // (uid_t) -1: "leave it as it is"

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if the user is root
  public Credentials {
    groups = List.copyOf(groups);
    if (uid == ROOT) {
      throw new IllegalArgumentException("uid is root's");
    }
  }

  /// Looks up what the directives say, and whether this process may become it. May block: the user
  /// database can be on another machine. It is read as it is now, so a supervisor can refuse at its
  /// start what each child looks up again.
  ///
  /// @param user a name, or `#` and a number; empty for that of this process
  /// @param group likewise; empty for the user's own
  /// @return empty if neither is given: there is nothing to change
  /// @throws IOException with the directive, its value and the reason: unknown, root, or not
  ///   allowed to this process
  public static Optional<Credentials> resolve(
      Syscalls os, Optional<String> user, Optional<String> group) throws IOException {
    if (user.isEmpty() && group.isEmpty()) {
      return Optional.empty();
    }
    String name = user.orElseGet(() -> "#" + os.getuid());
    Optional<UserDatabase.User> known = find(name);
    long uid = known.isPresent() ? known.get().uid() : number("User", name);
    if (uid == ROOT) {
      String directive = user.isPresent() ? "User " + name : "Group " + group.get();
      throw new IOException(
          directive + ": a server does not serve as root; set User to one without privileges");
    }
    long gid;
    if (group.isPresent()) {
      gid = findGroup(group.get());
    } else if (known.isPresent()) {
      gid = known.get().gid();
    } else {
      throw new IOException("User " + name + ": no such user, so its group is unknown; set Group");
    }
    List<Long> groups =
        known.isPresent() ? UserDatabase.groups(known.get().name(), gid) : List.of(gid);
    Credentials credentials = new Credentials(name, uid, gid, groups);
    credentials.refuseUnreachable(os);
    return Optional.of(credentials);
  }

  private static Optional<UserDatabase.User> find(String name) throws IOException {
    if (name.startsWith("#")) {
      return UserDatabase.user(number("User", name));
    }
    Optional<UserDatabase.User> found = UserDatabase.user(name);
    if (found.isEmpty()) {
      throw new IOException("User " + name + ": there is no such user");
    }
    return found;
  }

  private static long findGroup(String name) throws IOException {
    if (name.startsWith("#")) {
      return number("Group", name);
    }
    OptionalLong found = UserDatabase.group(name);
    if (found.isEmpty()) {
      throw new IOException("Group " + name + ": there is no such group");
    }
    return found.getAsLong();
  }

  private static long number(String directive, String text) throws IOException {
    try {
      long number = Long.parseLong(text.substring(1));
      if (number >= 0 && number < NOBODY) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IOException(
        directive + " " + text + ": expected a number from 0 to " + (NOBODY - 1) + " after #");
  }

  private void refuseUnreachable(Syscalls os) throws IOException {
    if (os.geteuid() == ROOT || isCurrent(os)) {
      return;
    }
    if (os.getuid() != uid) {
      throw new IOException(
          "User " + user + " needs root; this process runs as uid " + os.getuid());
    }
    throw new IOException(
        "Group with id " + gid + " needs root; this process runs as gid " + os.getgid());
  }

  // supplementary groups do not count: without root nobody can change them
  private boolean isCurrent(Syscalls os) {
    return os.getuid() == uid && os.geteuid() == uid && os.getgid() == gid;
  }

  /// Makes this process that user, on every thread and for good, and sees to it that it is. Does
  /// nothing where it is already. The process stays dumpable, so that its user can look into it.
  ///
  /// To be called before anything that serves is open; any thread may. What was opened before stays
  /// open, but what is opened later by name, classes included, must be readable to the user.
  ///
  /// @throws IOException with the call and the reason, or the thread and its ids. The process is
  ///   then neither the one nor the other, and has to end
  public void apply(Syscalls os) throws IOException {
    if (isCurrent(os)) {
      return;
    }
    // in this order: after the last one the others are not allowed any more
    check("setgroups " + groups, os.setgroups(groups));
    check("setresgid " + gid, os.setresgid(gid));
    check("setresuid " + uid, os.setresuid(uid));
    checkThreads();
    if (os.setresuid(ROOT) >= 0) {
      throw new IOException("User " + user + ": the process could become root again");
    }
    check("prctl PR_SET_DUMPABLE", os.prctl(Syscalls.PR_SET_DUMPABLE, 1));
  }

  private void check(String call, int result) throws IOException {
    if (result < 0) {
      throw Errno.exception("User " + user + ": " + call, result);
    }
  }

  private void checkThreads() throws IOException {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        Optional<String> difference = difference(status(thread));
        if (difference.isPresent()) {
          throw new IOException(
              "User "
                  + user
                  + ": not in force on thread "
                  + thread.getFileName()
                  + ": "
                  + difference.get());
        }
      }
    }
  }

  /// What the kernel says of a thread; nothing if it has ended.
  private static List<String> status(Path thread) throws IOException {
    try {
      // a thread's name is any bytes
      return Files.readAllLines(thread.resolve("status"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      if (Files.exists(thread)) {
        throw e;
      }
      return List.of();
    }
  }

  /// The first line of a thread's status (proc(5)) that says it is somebody else: `Uid` and `Gid`
  /// hold the real, effective, saved and file system id, `Groups` the supplementary ones.
  Optional<String> difference(List<String> status) {
    return status.stream().filter(this::differs).findFirst();
  }

  private boolean differs(String line) {
    String[] words = line.split("\\s+", 0);
    Set<String> ids = new HashSet<>(List.of(words).subList(1, words.length));
    return switch (words[0]) {
      case "Uid:" -> !ids.equals(Set.of(Long.toString(uid)));
      case "Gid:" -> !ids.equals(Set.of(Long.toString(gid)));
      case "Groups:" -> {
        Set<String> expected = new HashSet<>();
        groups.forEach(group -> expected.add(group.toString()));
        yield !ids.equals(expected);
      }
      default -> false;
    };
  }
}
