package org.mpm4j.impl.scoreboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.WorkerStatus;

/// What one process writes into the file and another reads from it.
final class ScoreboardTest {
  private static final int SLOTS = 3;
  private static final int THREADS = 2;

  @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void makeFile() throws IOException {
    file = Files.createFile(directory.resolve("scoreboard"));
  }

  private Scoreboard create() throws IOException {
    return Scoreboard.create(file, ProcessModel.EVENT, SLOTS, THREADS, 1);
  }

  @Test
  void showsOthersWhatAWorkerDoes() throws Exception {
    try (Scoreboard mine = create();
        Scoreboard other = Scoreboard.attach(file)) {
      WorkerScore worker = mine.worker(2, THREADS);
      worker.status(WorkerStatus.BUSY_WRITE);
      worker.begin(-7, new byte[0]);
      worker.countAccess(false);
      worker.countAccess(true);
      WorkerScore seen = other.worker(2, THREADS);
      assertEquals(WorkerStatus.BUSY_WRITE, seen.status());
      assertEquals(-7, seen.since());
      assertEquals(2, seen.counters().accesses());
      assertEquals(WorkerStatus.DEAD, other.worker(2, 0).status());
      assertEquals(WorkerStatus.DEAD, other.worker(1, THREADS).status());
    }
  }

  @Test
  void keepsRecordsApart() throws Exception {
    try (Scoreboard scoreboard = create()) {
      for (int slot = 0; slot < SLOTS; slot++) {
        scoreboard.process(slot).assign(10 + slot, 20 + slot, 100 + slot, 0);
        scoreboard.process(slot).heartbeat(30 + slot);
        for (int thread = 0; thread <= THREADS; thread++) {
          scoreboard.process(slot).threadStarted(thread);
          scoreboard.worker(slot, thread).begin(1000L * slot + thread, new byte[0]);
        }
      }
      scoreboard.slotsInUse(SLOTS);
      assertEquals(SLOTS, scoreboard.slotsInUse());
      for (int slot = 0; slot < SLOTS; slot++) {
        ProcessScore process = scoreboard.process(slot);
        assertEquals(100 + slot, process.workers());
        assertEquals(10 + slot, process.pid());
        assertEquals(20 + slot, process.generation());
        assertEquals(30 + slot, process.heartbeat());
        assertEquals(THREADS + 1, process.threads());
        for (int thread = 0; thread <= THREADS; thread++) {
          assertEquals(1000L * slot + thread, process.worker(thread).since());
        }
      }
      assertThrows(IndexOutOfBoundsException.class, () -> scoreboard.worker(0, THREADS + 1));
    }
  }

  @Test
  void countsWorkersThatAreBusy() throws Exception {
    try (Scoreboard scoreboard = create()) {
      ProcessScore process = scoreboard.process(1);
      process.threadStarted(0);
      process.threadStarted(2);
      process.worker(0).status(WorkerStatus.READY);
      assertEquals(0, process.busyWorkers());
      for (WorkerStatus status : WorkerStatus.values()) {
        process.worker(2).status(status);
        boolean free =
            status == WorkerStatus.DEAD
                || status == WorkerStatus.STARTING
                || status == WorkerStatus.READY;
        assertEquals(free ? 0 : 1, process.busyWorkers(), status.name());
      }
      process.threadEnded();
      assertEquals(1, process.threads());
    }
  }

  @Test
  void forgetsWhatTheLastProcessOfASlotLeft() throws Exception {
    try (Scoreboard scoreboard = create()) {
      ProcessScore process = scoreboard.process(1);
      process.threadStarted(0);
      process.threadStarted(1);
      process.worker(1).status(WorkerStatus.BUSY_WRITE);
      process.worker(1).countAccess(false);
      process.heartbeat(5);
      process.accepting(true);
      process.addConnections(3);
      scoreboard.worker(2, 0).countAccess(false);
      scoreboard.slotsInUse(2);
      process.assign(76, 4, 2, 0);
      process.free("signal 9");
      ChildId last = new ChildId(1, 76, 4);
      assertEquals(List.of(new MpmStatus.Ended(last, "signal 9")), scoreboard.status().ended());
      process.assign(77, 1, 1, 0);
      assertEquals(ProcessState.STARTING, process.state());
      assertEquals(List.of(), scoreboard.status().ended());
      assertEquals(0, process.busyWorkers());
      assertEquals(0, process.threads());
      assertEquals(0, process.heartbeat());
      assertEquals(0, process.connections());
      assertEquals(0, process.worker(1).counters().accesses());
      assertEquals(WorkerStatus.DEAD, process.worker(1).status());
      assertEquals(1, scoreboard.worker(2, 0).counters().accesses());
    }
  }

  @Test
  void hasTheLettersOfHttpd() {
    StringBuilder letters = new StringBuilder();
    for (WorkerStatus status : WorkerStatus.values()) {
      letters.append(status.letter());
    }
    assertEquals(".S_RWKCG", letters.toString());
  }

  @Test
  void refusesAnotherLayout() throws Exception {
    Files.write(file, new byte[10]);
    IOException small = assertThrows(IOException.class, () -> Scoreboard.attach(file));
    assertTrue(String.valueOf(small.getMessage()).contains("too small"), small::toString);
    Files.write(file, new byte[1 << 16]);
    IOException zeros = assertThrows(IOException.class, () -> Scoreboard.attach(file));
    assertTrue(String.valueOf(zeros.getMessage()).contains("not a scoreboard"), zeros::toString);
  }
}
