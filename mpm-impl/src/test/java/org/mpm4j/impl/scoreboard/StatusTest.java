package org.mpm4j.impl.scoreboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.MpmStatus;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Counters;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.ProcessModel;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.WorkerStatus;

/// What a process that only maps the file reads, and the equations of [MpmStatus].
final class StatusTest {
  private static final int SLOTS = 4;
  private static final int THREADS = 3;
  private static final Set<WorkerStatus> IDLE =
      EnumSet.of(WorkerStatus.STARTING, WorkerStatus.READY);

  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  private Scoreboard writer;

  @SuppressWarnings("NullAway.Init")
  private Scoreboard reader;

  @BeforeEach
  void open() throws IOException {
    Path file = Files.createFile(directory.resolve("scoreboard"));
    writer = Scoreboard.create(file, ProcessModel.EVENT, SLOTS, THREADS, 1);
    reader = Scoreboard.attach(file);
  }

  @AfterEach
  void close() {
    reader.close();
    writer.close();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void request(WorkerScore worker, String text) {
    worker.request(ascii(text), text.length());
  }

  /// Fails unless every equation holds.
  static void assertEquations(MpmStatus status) {
    Counters live = Counters.NONE;
    int allBusy = 0;
    for (MpmStatus.Child child : status.children()) {
      long busy = child.threads().stream().filter(t -> t.status().busy()).count();
      long idle = child.threads().stream().filter(t -> IDLE.contains(t.status())).count();
      long absent = child.threads().stream().filter(t -> t.status() == WorkerStatus.DEAD).count();
      assertEquals(child.busyWorkers(), busy);
      assertEquals(child.threads().size(), busy + idle + absent);
      assertEquals(child.connections(), child.states().sum());
      MpmStatus.Connections states = child.states();
      assertTrue(
          Math.min(
                  Math.min(states.active(), Math.min(states.reading(), states.writing())),
                  Math.min(states.keepAlive(), Math.min(states.closing(), states.suspended())))
              >= 0,
          states::toString);
      Counters own =
          child.threads().stream()
              .map(MpmStatus.Worker::counters)
              .reduce(Counters.NONE, Counters::plus);
      assertEquals(own, child.counters());
      live = live.plus(own);
      allBusy += child.busyWorkers();
    }
    assertEquals(status.busyWorkers(), allBusy);
    assertNotLess(live, status.totals());
  }

  /// Fails if a counter of `later` is less than in `earlier`.
  static void assertNotLess(Counters earlier, Counters later) {
    assertTrue(
        later.accesses() >= earlier.accesses()
            && later.bytes() >= earlier.bytes()
            && later.busy().compareTo(earlier.busy()) >= 0
            && later.accepted() >= earlier.accepted()
            && later.reused() >= earlier.reused()
            && later.keepAliveTimeouts() >= earlier.keepAliveTimeouts()
            && later.readTimeouts() >= earlier.readTimeouts()
            && later.writeTimeouts() >= earlier.writeTimeouts()
            && later.rejected() >= earlier.rejected(),
        () -> later + " after " + earlier);
  }

  @Test
  void showsOthersWhatTheSupervisorSays() {
    Breaker breaker = new Breaker(BreakerState.OPEN, 7, Duration.ofHours(1), "7 died");
    ReloadVerdict verdict = new ReloadVerdict.RolledBack(2, "no", "bang\nbang");
    long now = System.nanoTime();
    writer
        .server()
        .publish(
            new ServerScore.Facts(
                ProcessModel.WORKER, 3, Phase.RELOADING, 16, 5, breaker, Optional.of(verdict)),
            now);
    MpmStatus status = reader.status();
    assertEquals(ProcessModel.WORKER, status.model());
    assertEquals(3, status.generation());
    assertEquals(Phase.RELOADING, status.phase());
    assertEquals(16, status.childLimit());
    assertEquals(5, status.pinned());
    assertEquals(BreakerState.OPEN, status.breaker().state());
    assertEquals("7 died", status.breaker().why());
    assertTrue(status.breaker().nextStart().compareTo(Duration.ofHours(1)) <= 0);
    assertEquals(Optional.of(verdict), status.lastReload());
    assertFalse(status.startedAt().isAfter(Instant.now()));
  }

  @Test
  void keepsTheNewestEvents() {
    String tooLong = "é".repeat(1000);
    writer.server().happened(Instant.EPOCH, "forgotten");
    for (int i = 0; i < ScoreboardLayout.EVENTS - 1; i++) {
      writer.server().happened(Instant.ofEpochMilli(i), "event " + i);
    }
    writer.server().happened(Instant.ofEpochMilli(99), tooLong);
    MpmStatus status = reader.status();
    assertEquals(ScoreboardLayout.EVENTS, status.recent().size());
    assertEquals(Instant.ofEpochMilli(99), status.recent().getFirst().at());
    assertTrue(tooLong.startsWith(status.recent().getFirst().text()));
    assertEquals("event 0", status.recent().getLast().text());
  }

  @Test
  void showsOthersWhatAChildDoes() {
    writer.slotsInUse(2);
    ProcessScore score = writer.process(1);
    score.assign(42, 1, THREADS, System.nanoTime());
    score.state(ProcessState.RETIRING, "too many idle workers");
    score.residentBytes(4096);
    score.threadStarted(0);
    score.threadStarted(1);
    WorkerScore worker = score.worker(0);
    worker.status(WorkerStatus.BUSY_WRITE);
    worker.begin(System.nanoTime(), ascii("[2001:db8:1:2:3:4:5:6]:65535"));
    request(worker, "GET /hello HTTP/1.1");
    worker.countAccess(false);
    score.worker(1).status(WorkerStatus.BUSY_KEEPALIVE, Parked.KEEP_ALIVE);
    score.addConnections(5);
    score.addParked(Parked.CLOSING, 1);
    score.addParked(Parked.SUSPENDED, 1);
    MpmStatus status = reader.status();
    assertEquals(1, status.children().size());
    MpmStatus.Child child = status.children().getFirst();
    assertEquals("too many idle workers", child.why());
    assertEquals(MpmStatus.State.RETIRING, child.state());
    assertEquals(4096, child.residentBytes());
    assertEquals(new MpmStatus.Connections(2, 0, 0, 1, 1, 1), child.states());
    assertEquals("GET /hello HTTP/1.1", child.threads().getFirst().request());
    assertEquals("[2001:db8:1:2:3:4:5:6]:65535", child.threads().getFirst().client());
    worker.begin(System.nanoTime(), 0xc0000201, 65535);
    MpmStatus.Worker next = reader.status().children().getFirst().threads().getFirst();
    assertEquals("192.0.2.1:65535", next.client());
    assertEquals("", next.request());
    assertEquals(1, status.totals().accesses());
    assertEquations(status);
  }

  @Test
  void showsNothingThatCannotBePrinted() {
    writer.slotsInUse(1);
    writer.process(0).assign(42, 1, THREADS, 0);
    writer.process(0).threadStarted(0);
    request(writer.worker(0, 0), "\u001b[2J\t");
    assertEquals("?[2J?", reader.status().children().getFirst().threads().getFirst().request());
  }

  @Test
  void doesNotWaitForAWriterThatDied() {
    writer.slotsInUse(1);
    writer.process(0).assign(42, 1, THREADS, 0);
    writer.process(0).threadStarted(0);
    writer.worker(0, 0).countAccess(false);
    SequenceLock.begin(writer.memory(), ScoreboardLayout.processOffset(0));
    assertEquals(1, reader.status().totals().accesses());
    writer.process(0).free("killed");
    assertEquals(1, reader.status().totals().accesses());
    assertEquations(reader.status());
  }

  /// Random events against a model in memory that counts.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void equationsHoldAfterEveryStep(long seed) {
    Random random = new Random(seed);
    long accesses = 0;
    long bytes = 0;
    Counters before = Counters.NONE;
    writer.slotsInUse(SLOTS);
    for (int step = 0; step < 2_000; step++) {
      ProcessScore score = writer.process(random.nextInt(SLOTS));
      WorkerScore worker = score.worker(random.nextInt(THREADS + 1));
      if (score.state() == ProcessState.FREE) {
        score.assign(1 + step, step, THREADS, step);
        for (int thread = 0; thread <= THREADS; thread++) {
          score.threadStarted(thread);
        }
      }
      switch (random.nextInt(8)) {
        case 0 -> {
          worker.countAccess(random.nextBoolean());
          accesses++;
        }
        case 1 -> {
          int sent = random.nextInt(1000);
          worker.end(step, random.nextInt(1000), sent);
          bytes += sent;
        }
        case 2 -> {
          List<WorkerStatus> all = List.of(WorkerStatus.values());
          worker.status(all.get(random.nextInt(all.size())));
        }
        case 3 -> worker.status(WorkerStatus.GRACEFUL, parked(random));
        case 4 -> score.addConnections(1);
        case 5 -> score.addParked(parked(random), 1);
        case 6 -> {
          worker.countAccepted();
          worker.countRejected();
          worker.countReadTimeout();
        }
        default -> {
          if (random.nextInt(10) == 0) {
            score.free("seed " + seed);
          }
        }
      }
      MpmStatus status = reader.status();
      assertEquations(status);
      assertNotLess(before, status.totals());
      assertEquals(accesses, status.totals().accesses());
      assertEquals(bytes, status.totals().bytes());
      before = status.totals();
    }
  }

  private static Parked parked(Random random) {
    List<Parked> all = List.of(Parked.values());
    return all.get(random.nextInt(all.size()));
  }

  /// A worker whose client and request are of one exchange, a supervisor that gives the slot away
  /// again and again, and a reader that must never find what does not fit together.
  @Test
  @Timeout(120)
  void neverShowsATornRecord() throws Exception {
    writer.slotsInUse(1);
    ProcessScore score = writer.process(0);
    AtomicBoolean over = new AtomicBoolean();
    Thread process =
        Thread.ofPlatform()
            .start(() -> {
              for (int pid = 1; !over.get(); pid++) {
                score.assign(pid, pid, pid, pid);
                score.threadStarted(0);
                WorkerScore worker = score.worker(0);
                for (int i = 0; i < 50; i++) {
                  char c = (char) ('a' + i % 26);
                  worker.begin(i, ascii(String.valueOf(c).repeat(1 + i % 40)));
                  request(worker, String.valueOf(c).repeat(1 + i * 2 % 100));
                  worker.countAccess(false);
                }
                score.free("pid " + pid);
              }
            });
    try {
      Counters before = Counters.NONE;
      for (int look = 0; look < 20_000; look++) {
        MpmStatus status = reader.status();
        assertEquations(status);
        assertNotLess(before, status.totals());
        before = status.totals();
        for (MpmStatus.Child child : status.children()) {
          assertEquals(child.id().pid(), child.id().generation());
          assertEquals(child.id().pid(), child.workers());
          long dead = status.totals().accesses() - child.counters().accesses();
          assertEquals((child.id().pid() - 1) * 50L, dead, "what the dead have counted");
          for (MpmStatus.Worker worker : child.threads()) {
            String both = worker.client() + worker.request();
            assertTrue(both.chars().distinct().count() <= 1, both);
          }
        }
      }
    } finally {
      over.set(true);
      process.join();
    }
  }
}
