package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ProcessModel;
import org.mpm4j.WorkerPool;
import org.mpm4j.impl.child.PoolRig.Held;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// A hosted server's pool in the scoreboard.
@Timeout(120)
final class HostedWorkersTest {
  private static final int WORKERS = 3;

  @TempDir Path directory;

  @Test
  void showsRunningTasksAsBusyWorkersButThoseThatAreNoExchange() throws Exception {
    Path file = Files.createFile(directory.resolve("scoreboard"));
    try (Scoreboard scoreboard = Scoreboard.create(file, ProcessModel.WORKER, 1, WORKERS, 1)) {
      scoreboard.slotsInUse(1);
      scoreboard.process(0).assign(2, 0, WORKERS, 1);
      scoreboard.process(0).state(ProcessState.READY, "");
      HostedLoad load =
          new HostedLoad(scoreboard.process(0), WORKERS, System::nanoTime, () -> false);
      HostedWorkers workers = new HostedWorkers(WORKERS, load);
      WorkerPool pool = workers.pool();
      assertSame(pool, workers.pool());
      assertEquals(WORKERS, pool.maxThreads());
      Held counted = new Held();
      Held uncounted = new Held();
      pool.execute(counted);
      pool.uncounted().execute(uncounted);
      PoolRig.open(counted.begun());
      PoolRig.open(uncounted.begun());
      assertEquals(2, pool.busyThreads());
      assertEquals(1, load.exchanges());
      assertEquals("W__", scoreboard.status().children().getFirst().letters());
      counted.go().countDown();
      uncounted.go().countDown();
      PoolRig.await(() -> pool.busyThreads() == 0);
      assertEquals("___", scoreboard.status().children().getFirst().letters());
      assertEquals(1, load.served());
      workers.close();
      load.close();
      assertThrows(RejectedExecutionException.class, () -> pool.execute(counted));
      PoolRig.await(pool::isTerminated);
      HostedWorkers late = new HostedWorkers(WORKERS, load);
      late.close();
      assertTrue(late.pool().isShutdown());
      PoolRig.await(late.pool()::isTerminated);
    }
  }
}
