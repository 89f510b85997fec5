package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.ExitStatus;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// The children by their slots, of all generations, and what the poller watches of each. The
/// supervisor's thread only.
final class Children {
  // what the poller reports of a child, beside its slot
  private static final int MESSAGE = 0;
  private static final int EXIT = 1;
  private static final int OUTPUT = 2;
  private static final int SOURCES = 3;

  private final Syscalls os;
  private final Poller poller;
  private final Scoreboard scoreboard;
  private final int scoreboardFd;
  private final @Nullable ChildProcess[] slots;

  /// @param poller lent
  /// @param scoreboard lent; as many children as it has slots are possible
  /// @param scoreboardFd lent
  Children(Syscalls os, Poller poller, Scoreboard scoreboard, int scoreboardFd) {
    this.os = os;
    this.poller = poller;
    this.scoreboard = scoreboard;
    this.scoreboardFd = scoreboardFd;
    this.slots = new @Nullable ChildProcess[scoreboard.slots()];
  }

  /// Starts a child in the lowest free slot.
  ///
  /// @throws IOException if there is no slot, or no process
  ChildProcess start(Generation generation, long now) throws IOException {
    int slot = 0;
    while (slot < slots.length && slots[slot] != null) {
      slot++;
    }
    if (slot == slots.length) {
      throw new IOException("all " + slots.length + " slots of the scoreboard are taken");
    }
    scoreboard.slotsInUse(Math.max(scoreboard.slotsInUse(), slot + 1));
    ChildProcess child =
        ChildProcess.spawn(os, generation, slot, scoreboardFd, scoreboard.process(slot), now);
    slots[slot] = child;
    watch(child, child.control().fd(), MESSAGE);
    watch(child, child.pidfd(), EXIT);
    watch(child, child.output().fd(), OUTPUT);
    return child;
  }

  private void watch(ChildProcess child, int fd, int source) throws IOException {
    long data = (long) child.id().slot() * SOURCES + source;
    int result = poller.add(fd, Poller.EPOLLIN, data);
    if (result < 0) {
      throw Errno.exception("could not watch a child", result);
    }
  }

  /// Which child the poller's `data` is about; null if it was reaped by an earlier entry.
  @Nullable ChildProcess at(long data) {
    return slots[(int) (data / SOURCES)];
  }

  /// Whether the poller's `data` says that the child has ended.
  static boolean isExit(long data) {
    return data % SOURCES == EXIT;
  }

  /// Whether the poller's `data` says that the child has printed something.
  static boolean isOutput(long data) {
    return data % SOURCES == OUTPUT;
  }

  /// Watches its output no more: nobody writes to it.
  void silent(ChildProcess child) {
    poller.remove(child.output().fd());
    child.output().close();
  }

  /// Watches its messages no more: there will be none.
  void mute(ChildProcess child) {
    poller.remove(child.control().fd());
  }

  /// Reaps a child and frees its slot.
  ExitStatus remove(ChildProcess child) {
    slots[child.id().slot()] = null;
    int used = scoreboard.slotsInUse();
    ExitStatus status = child.reap();
    while (used > 0 && slots[used - 1] == null) {
      used--;
    }
    scoreboard.slotsInUse(used);
    return status;
  }

  @Nullable ChildProcess inSlot(int slot) {
    return slot >= 0 && slot < slots.length ? slots[slot] : null;
  }

  /// All of them, in the order of their slots.
  List<ChildProcess> all() {
    return matching(_ -> true);
  }

  List<ChildProcess> matching(Predicate<ChildProcess> wanted) {
    List<ChildProcess> found = new ArrayList<>();
    for (ChildProcess child : slots) {
      if (child != null && wanted.test(child)) {
        found.add(child);
      }
    }
    return found;
  }

  /// Those of a generation in a state.
  List<ChildProcess> of(Generation generation, State state) {
    return matching(child -> child.isOf(generation) && child.is(state));
  }

  /// Those of a generation that serve, the retiring ones included.
  List<ChildProcess> serving(Generation generation) {
    return matching(child -> child.isOf(generation) && child.serves());
  }

  boolean isEmpty() {
    return Arrays.stream(slots).allMatch(Objects::isNull);
  }

  /// How many generations other than `current` have children.
  long oldGenerations(Generation current) {
    return all().stream()
        .filter(child -> !child.isOf(current))
        .map(child -> child.id().generation())
        .distinct()
        .count();
  }
}
