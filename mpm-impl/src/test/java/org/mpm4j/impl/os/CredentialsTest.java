package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mpm4j.impl.os.FaultySyscalls.Call;

final class CredentialsTest {
  private static final long NOBODY = 65_534; // Debian's and Fedora's alike

  private FaultySyscalls os = new FaultySyscalls(Linux.open());

  @Test
  void idsAreThoseOfTheProcess() throws IOException {
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    int gid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    assertEquals(uid, os.getuid());
    assertEquals(uid, os.geteuid());
    assertEquals(gid, os.getgid());
  }

  @Test
  void databaseKnowsUsersAndGroups() throws IOException {
    UserDatabase.User root = new UserDatabase.User("root", 0, 0);
    assertEquals(Optional.of(root), UserDatabase.user("root"));
    assertEquals(Optional.of(root), UserDatabase.user(0));
    assertEquals(OptionalLong.of(0), UserDatabase.group("root"));
    assertTrue(UserDatabase.groups("root", 4711).contains(4711L));
    assertEquals(Optional.empty(), UserDatabase.user("no-such-user"));
    assertEquals(Optional.empty(), UserDatabase.user(3_999_999_999L));
    assertEquals(OptionalLong.empty(), UserDatabase.group("no-such-group"));
  }

  @Test
  void withoutUserAndGroupThereIsNothingToChange() throws IOException {
    assertEquals(Optional.empty(), Credentials.resolve(os, Optional.empty(), Optional.empty()));
  }

  @Test
  void namesAndNumbersAreLookedUp() throws IOException {
    runsAs(0, 0);
    assertEquals(
        new Credentials("nobody", NOBODY, NOBODY, List.of(NOBODY)), resolve("nobody", null));
    runsAs(0, 0);
    assertEquals(new Credentials("#65534", NOBODY, 7, List.of(7L)), resolve("#65534", "#7"));
    runsAs(0, 0);
    assertEquals(
        new Credentials("#3999999999", 3_999_999_999L, 7, List.of(7L)),
        resolve("#3999999999", "#7"));
  }

  @Test
  void unknownOnesAreNamed() {
    assertRefused("User no-such-user: there is no such user", "no-such-user", null);
    assertRefused("Group no-such-group: there is no such group", "nobody", "no-such-group");
    assertRefused(
        "User #3999999999: no such user, so its group is unknown; set Group", "#3999999999", null);
    for (String number : List.of("#", "#x", "#-1", "#4294967295")) {
      assertRefused(
          "User " + number + ": expected a number from 0 to 4294967294 after #", number, null);
    }
  }

  @Test
  void rootIsRefused() {
    String reason = ": a server does not serve as root; set User to one without privileges";
    assertRefused("User root" + reason, "root", null);
    assertRefused("User #0" + reason, "#0", "nogroup");
    os.answer(Call.GETUID, 0);
    assertRefused("Group #7" + reason, null, "#7");
  }

  @Test
  void onlyRootBecomesSomebodyElse() {
    runsAs(1000, 1000);
    assertRefused("User nobody needs root; this process runs as uid 1000", "nobody", null);
    runsAs(NOBODY, 1000);
    assertRefused("Group with id 7 needs root; this process runs as gid 1000", "nobody", "#7");
  }

  @Test
  void whoIsThatUserAlreadyChangesNothing() throws IOException {
    runsAs(NOBODY, 7);
    Credentials credentials = resolve("nobody", "#7");
    credentials.apply(os);
    assertEquals(0, os.count(Call.SETGROUPS) + os.count(Call.SETRESGID) + os.count(Call.SETRESUID));
  }

  @Test
  void callThatTheKernelRefusesIsNamed() {
    Credentials credentials = new Credentials("www", 33, 34, List.of(34L, 5L));
    for (Call call : List.of(Call.SETGROUPS, Call.SETRESGID, Call.SETRESUID)) {
      FaultySyscalls refusing = new FaultySyscalls(Linux.open());
      for (Call each : List.of(Call.SETGROUPS, Call.SETRESGID, Call.SETRESUID)) {
        refusing.answer(each, each == call ? -Errno.EPERM : 0);
      }
      refusing.answer(Call.GETUID, 0);
      IOException e = assertThrows(IOException.class, () -> credentials.apply(refusing));
      String words =
          switch (call) {
            case SETGROUPS -> "setgroups [34, 5]";
            case SETRESGID -> "setresgid 34";
            default -> "setresuid 33";
          };
      assertEquals("User www: " + words + ": EPERM: Operation not permitted", e.getMessage());
    }
  }

  /// As a system call that the C library does not tell the other threads would leave it.
  @Test
  void threadThatWasNotChangedIsNamed() {
    Credentials credentials = new Credentials("#4711", 4711, 4712, List.of(4712L));
    os.answer(Call.GETUID, 0).answer(Call.SETGROUPS, 0);
    os.answer(Call.SETRESGID, 0).answer(Call.SETRESUID, 0);
    IOException e = assertThrows(IOException.class, () -> credentials.apply(os));
    String message = String.valueOf(e.getMessage());
    assertTrue(
        message.matches("User #4711: not in force on thread \\d+: Uid:(\\t\\d+){4}"), message);
  }

  @Test
  void everyIdOfAThreadCounts() {
    Credentials credentials = new Credentials("www", 33, 34, List.of(34L, 5L));
    String uid = "Uid:\t33\t33\t33\t33";
    String gid = "Gid:\t34\t34\t34\t34";
    String groups = "Groups:\t5 34 ";
    assertEquals(Optional.empty(), credentials.difference(List.of("Name:\tx", uid, gid, groups)));
    for (String wrong :
        List.of(
            "Uid:\t33\t33\t0\t33",
            "Gid:\t34\t34\t34\t0",
            "Groups:\t",
            "Groups:\t0 5 34 ",
            "Groups:\t34 ")) {
      assertEquals(
          Optional.of(wrong), credentials.difference(List.of("Name:\tx", uid, gid, groups, wrong)));
    }
  }

  private void runsAs(long uid, long gid) {
    os = new FaultySyscalls(Linux.open());
    for (int i = 0; i < 10; i++) { // more often than anybody asks
      os.answer(Call.GETEUID, uid).answer(Call.GETUID, uid).answer(Call.GETGID, gid);
    }
  }

  private Credentials resolve(String user, @Nullable String group) throws IOException {
    return Credentials.resolve(os, Optional.of(user), Optional.ofNullable(group)).orElseThrow();
  }

  private void assertRefused(String message, @Nullable String user, @Nullable String group) {
    IOException e =
        assertThrows(
            IOException.class,
            () -> Credentials.resolve(os, Optional.ofNullable(user), Optional.ofNullable(group)));
    assertEquals(message, e.getMessage());
  }
}
