package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;

/// What the supervisor and its children know of each other: one mapped file, which any process may
/// read.
public final class Scoreboard implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment memory;
  private final int threadsPerSlot;
  private final ServerScore server;
  private final ProcessScore[] processes;

  /// @param memory large enough, and full of zeros if it is not one yet
  Scoreboard(Arena arena, MemorySegment memory, int slots, int threadsPerSlot) {
    this.arena = arena;
    this.memory = memory;
    this.threadsPerSlot = threadsPerSlot;
    this.server = new ServerScore(memory);
    this.processes = new ProcessScore[slots];
    for (int slot = 0; slot < slots; slot++) {
      long workers = ScoreboardLayout.workerOffset(slots, threadsPerSlot, slot, 0);
      processes[slot] = new ProcessScore(memory, slot, workers, threadsPerSlot + 1);
    }
  }

  /// Makes a scoreboard of an existing file, whatever is in it.
  ///
  /// @param file a file that this process may read and write; it is made as large as needed, and
  ///   sparse
  /// @param slots how many processes there may be at once, draining ones included
  /// @param threadsPerSlot how many workers a process may have, `ThreadLimit`; event's one more
  ///   thread has room beside them
  /// @throws IOException if it cannot be mapped
  public static Scoreboard create(
      Path file, ProcessModel model, int slots, int threadsPerSlot, int supervisorPid)
      throws IOException {
    @SuppressWarnings("MustBeClosedChecker") // by close()
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.truncate(0); // the kernel hands out zeros when it grows again
      MemorySegment memory =
          channel.map(MapMode.READ_WRITE, 0, ScoreboardLayout.size(slots, threadsPerSlot), arena);
      LONG.set(memory, ScoreboardLayout.MAGIC_OFFSET, ScoreboardLayout.MAGIC);
      INT.set(memory, ScoreboardLayout.VERSION_OFFSET, ScoreboardLayout.VERSION);
      INT.set(memory, ScoreboardLayout.MODEL_OFFSET, ScoreboardLayout.code(model));
      INT.set(memory, ScoreboardLayout.SLOTS_OFFSET, slots);
      INT.set(memory, ScoreboardLayout.THREADS_PER_SLOT_OFFSET, threadsPerSlot);
      INT.set(memory, ScoreboardLayout.SUPERVISOR_PID_OFFSET, supervisorPid);
      LONG.set(memory, ScoreboardLayout.START_MILLIS_OFFSET, System.currentTimeMillis());
      INT.setVolatile(memory, ScoreboardLayout.READY_OFFSET, 1);
      return new Scoreboard(arena, memory, slots, threadsPerSlot);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /// Maps a scoreboard that another process has created.
  ///
  /// @throws IOException if the file cannot be mapped, is not a scoreboard, or has another layout
  public static Scoreboard attach(Path file) throws IOException {
    @SuppressWarnings("MustBeClosedChecker") // by close()
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size();
      if (size < ScoreboardLayout.HEADER_SIZE) {
        throw new IOException(file + " is too small for a scoreboard: " + size + " bytes");
      }
      MemorySegment memory = channel.map(MapMode.READ_WRITE, 0, size, arena);
      if ((int) INT.getVolatile(memory, ScoreboardLayout.READY_OFFSET) != 1
          || (long) LONG.get(memory, ScoreboardLayout.MAGIC_OFFSET) != ScoreboardLayout.MAGIC) {
        throw new IOException(file + " is not a scoreboard");
      }
      int version = (int) INT.get(memory, ScoreboardLayout.VERSION_OFFSET);
      int slots = (int) INT.get(memory, ScoreboardLayout.SLOTS_OFFSET);
      int threadsPerSlot = (int) INT.get(memory, ScoreboardLayout.THREADS_PER_SLOT_OFFSET);
      if (version != ScoreboardLayout.VERSION
          || size < ScoreboardLayout.size(slots, threadsPerSlot)) {
        throw new IOException(
            file
                + " has layout version "
                + version
                + "; this library reads version "
                + ScoreboardLayout.VERSION);
      }
      return new Scoreboard(arena, memory, slots, threadsPerSlot);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /// How many slots there are.
  public int slots() {
    return processes.length;
  }

  /// How many workers a process may have.
  public int threadsPerSlot() {
    return threadsPerSlot;
  }

  /// Says that no process has a slot from `count` on. The supervisor, before it assigns a slot.
  public void slotsInUse(int count) {
    int most = Math.max(count, slotsEverUsed());
    INT.setVolatile(memory, ScoreboardLayout.SLOTS_EVER_USED_OFFSET, most);
    INT.setVolatile(memory, ScoreboardLayout.SLOTS_IN_USE_OFFSET, count);
  }

  /// Where a look at all processes may end: the highest slot that one has, plus one.
  public int slotsInUse() {
    return (int) INT.getVolatile(memory, ScoreboardLayout.SLOTS_IN_USE_OFFSET);
  }

  /// Where a look at all that was ever counted may end.
  int slotsEverUsed() {
    return (int) INT.getVolatile(memory, ScoreboardLayout.SLOTS_EVER_USED_OFFSET);
  }

  /// What the supervisor says of the server as a whole.
  public ServerScore server() {
    return server;
  }

  /// What the server looks like now, for every process that has the file the same. Any thread; does
  /// not block, and takes about as long as there are workers. A writer that was killed while it
  /// wrote costs some milliseconds more.
  ///
  /// @throws IllegalStateException after [#close()]
  public MpmStatus status() {
    long now = System.nanoTime();
    Instant at = Instant.now();
    ServerScore.Seen seen = server.read(now);
    List<MpmStatus.Child> children = new ArrayList<>();
    List<MpmStatus.Ended> ended = new ArrayList<>();
    MpmStatus.Counters totals = MpmStatus.Counters.NONE;
    for (int slot = 0, end = slotsEverUsed(); slot < end; slot++) {
      ProcessScore.Seen process = process(slot).read(now);
      process.child().ifPresent(children::add);
      process.ended().ifPresent(ended::add);
      totals = totals.plus(process.counters());
    }
    ServerScore.Facts facts = seen.facts();
    return new MpmStatus(
        facts.model(),
        facts.generation(),
        facts.phase(),
        Instant.ofEpochMilli((long) LONG.get(memory, ScoreboardLayout.START_MILLIS_OFFSET)),
        children,
        ended,
        facts.childLimit(),
        facts.pinned(),
        facts.breaker(),
        facts.lastReload(),
        at,
        totals,
        seen.recent());
  }

  /// The record of a slot.
  public ProcessScore process(int slot) {
    return processes[slot];
  }

  /// The record of a worker thread: see [ProcessScore#worker].
  public WorkerScore worker(int slot, int thread) {
    return process(slot).worker(thread);
  }

  MemorySegment memory() {
    return memory;
  }

  /// Unmaps the file. Nobody may use a record of it any more; idempotent.
  @Override
  public void close() {
    if (memory.scope().isAlive()) {
      arena.close();
    }
  }
}
