package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ProcessModel;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.child.EngineRig.Client;

/// How many threads a child has, and what the scoreboard says about them.
@Timeout(120)
final class WorkerThreadsTest {
  @TempDir Path directory;

  private static int least(ProcessModel model) {
    return switch (model) {
      case PREFORK -> 1;
      case WORKER -> 2;
      case EVENT -> 3;
    };
  }

  private static int most(ProcessModel model) {
    return switch (model) {
      case PREFORK -> 1;
      case WORKER -> EngineRig.THREADS;
      case EVENT -> EngineRig.THREADS + 1;
    };
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void startsWithFew(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start()) {
      rig.awaitIdle(least(model));
      assertEquals(least(model), rig.score.threads());
      EngineRig.await(() -> rig.count(WorkerStatus.DEAD) == most(model) - least(model));
      try (Client client = rig.connect()) {
        assertEquals("hello keep", client.ask("hello"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ProcessModel.class,
      names = {"WORKER", "EVENT"})
  void growsAndShrinksWithTheWork(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start()) {
      for (int round = 0; round < 3; round++) {
        List<Client> clients = EngineRig.holding(rig, EngineRig.THREADS);
        rig.awaitThreads(most(model));
        try (Client late = rig.connect()) {
          late.send("late");
          rig.go.release(EngineRig.THREADS);
          for (Client client : clients) {
            assertEquals("wait keep", client.line());
            client.close();
          }
          assertTrue(late.line().startsWith("late"));
        }
        rig.awaitIdle(most(model));
        // a window in which a worker saw to a client's end retires fewer: time goes on
        EngineRig.await(() -> {
          rig.tick(EngineRig.IDLE_NANOS / 1_000_000_000);
          return rig.engine.threads().running() == least(model);
        });
        rig.awaitThreads(least(model));
        assertEquals(most(model) - least(model), rig.count(WorkerStatus.DEAD));
      }
    }
  }

  /// Threads are retired again and again while clients come and go: every one of them is served.
  @ParameterizedTest
  @EnumSource(
      value = ProcessModel.class,
      names = {"WORKER", "EVENT"})
  void losesNobodyWhileThreadsRetire(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start()) {
      List<Thread> callers = new ArrayList<>();
      AtomicInteger answers = new AtomicInteger();
      for (int i = 0; i < 4; i++) {
        callers.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    for (int n = 0; n < 200; n++) {
                      try (Client client = rig.connect()) {
                        if (client.ask("a").startsWith("a ")) {
                          answers.incrementAndGet();
                        }
                      }
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }));
      }
      while (callers.stream().anyMatch(Thread::isAlive)) {
        rig.engine.retire(rig.engine.spare());
        Thread.onSpinWait();
      }
      assertEquals(800, answers.get());
    }
  }

  @Test
  void showsWhatAWorkerWaitsFor() throws Exception {
    try (EngineRig rig = new EngineRig(ProcessModel.PREFORK, directory).start()) {
      EngineRig.await(() -> rig.score.worker(0).status() == WorkerStatus.READY);
      try (Client client = rig.connect()) {
        EngineRig.await(() -> rig.score.worker(0).status() == WorkerStatus.BUSY_READ);
        client.send("wait");
        EngineRig.await(() -> rig.score.worker(0).status() == WorkerStatus.BUSY_WRITE);
        assertEquals(rig.clock.get(), rig.score.worker(0).since());
        rig.go.release();
        assertEquals("wait keep", client.line());
        EngineRig.await(() -> rig.score.worker(0).status() == WorkerStatus.BUSY_KEEPALIVE);
        assertEquals(1, rig.score.worker(0).counters().accesses());
        client.send("wait");
        EngineRig.await(() -> rig.score.worker(0).status() == WorkerStatus.BUSY_WRITE);
        rig.drain(false);
        rig.go.release();
        assertEquals("wait keep", client.line());
        EngineRig.await(() -> rig.score.worker(0).status() == WorkerStatus.GRACEFUL);
        assertEquals("last close", client.ask("last"));
        assertEquals("end", client.line());
      }
      rig.awaitEnd();
      assertEquals(WorkerStatus.DEAD, rig.score.worker(0).status());
      assertEquals(3, rig.score.worker(0).counters().accesses());
      assertEquals(0, rig.score.threads());
    }
  }

  @Test
  void endsThoseThatWereIdleAllTheTime() {
    Surplus surplus = new Surplus(60);
    assertEquals(0, surplus.look(9, 1000));
    assertEquals(0, surplus.look(4, 1030));
    assertEquals(0, surplus.look(9, 1059));
    assertEquals(4, surplus.look(9, 1060));
    assertEquals(0, surplus.look(5, 1061));
    assertEquals(0, surplus.look(0, 1119));
    assertEquals(0, surplus.look(5, 1120));
    assertEquals(5, surplus.look(7, 1180));
  }
}
