package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.child.EngineRig.Client;
import org.mpm4j.impl.scoreboard.Parked;

/// What a child does about itself as time goes by.
@Timeout(120)
final class MonitorTest {
  private static final long SECOND = 1_000_000_000L;
  private static final RequestTimeouts TIMEOUTS = new RequestTimeouts(10 * SECOND, 30 * SECOND);
  @TempDir Path directory;

  private EngineRig rig(ProcessModel model) throws Exception {
    return new EngineRig(model, directory, TIMEOUTS, Recycling.NEVER).start();
  }

  @Test
  void saysThatTheChildIsAlive() throws Exception {
    try (EngineRig rig = rig(ProcessModel.EVENT)) {
      rig.tick(3);
      assertEquals(rig.clock.get(), rig.score.heartbeat());
      rig.tick(1);
      assertEquals(rig.clock.get(), rig.score.heartbeat());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void logsTheStackOfASlowRequestOnce(ProcessModel model) throws Exception {
    try (EngineRig rig = rig(model);
        Client client = EngineRig.holding(rig, 1).getFirst()) {
      rig.tick(9);
      assertEquals(List.of(), List.copyOf(rig.said));
      rig.tick(1);
      assertEquals(1, rig.said.size());
      String log = rig.said.remove();
      assertTrue(log.startsWith("slow request of /127.0.0.1:"), log);
      assertTrue(log.contains(" runs for 10s in mpm-"), log);
      assertTrue(log.contains("EngineRig.waitToGo"), log);
      rig.tick(5);
      assertEquals(List.of(), List.copyOf(rig.said));
      rig.go.release();
      assertEquals("wait keep", client.line());
      client.send("wait");
      EngineRig.await(() -> rig.go.hasQueuedThreads());
      rig.tick(9);
      assertEquals(List.of(), List.copyOf(rig.said));
      rig.tick(1);
      assertEquals(1, rig.said.size());
    }
  }

  @Test
  void recordsASlowRequest() throws Exception {
    Path file = directory.resolve("slow.jfr");
    try (EngineRig rig = rig(ProcessModel.WORKER);
        Client _ = EngineRig.holding(rig, 1).getFirst();
        Recording recording = new Recording()) {
      recording.enable("org.mpm4j.SlowRequest");
      recording.start();
      rig.tick(10);
      rig.tick(1);
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertEquals(1, events.size());
    RecordedEvent slow = events.getFirst();
    assertEquals("org.mpm4j.SlowRequest", slow.getEventType().getName());
    assertEquals(Duration.ofSeconds(10), slow.getDuration("elapsed"));
    assertTrue(slow.getString("client").startsWith("/127.0.0.1:"), slow.toString());
    assertTrue(slow.getString("worker").startsWith("mpm-"), slow.toString());
    assertTrue(slow.getString("stack").contains("EngineRig.waitToGo"), slow.toString());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void interruptsAHandlerOnceAndOnlyIt(ProcessModel model) throws Exception {
    try (EngineRig rig = rig(model);
        Client client = EngineRig.holding(rig, 1).getFirst()) {
      rig.tick(29);
      assertFalse(rig.interrupted.tryAcquire());
      rig.tick(1);
      assertEquals("wait keep", client.line());
      assertTrue(rig.interrupted.tryAcquire());
      client.send("wait");
      EngineRig.await(() -> rig.go.hasQueuedThreads());
      rig.tick(0);
      rig.go.release();
      assertEquals("wait keep", client.line());
      assertFalse(rig.interrupted.tryAcquire());
      assertTrue(rig.said.stream().noneMatch(said -> said.startsWith("recycle")));
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void wantsAReplacementForAHandlerThatIgnoresTheInterrupt(ProcessModel model) throws Exception {
    try (EngineRig rig = rig(model);
        Client _ = EngineRig.holding(rig, 1).getFirst()) {
      rig.heedsInterrupts = false;
      rig.tick(30);
      assertTrue(rig.interrupted.tryAcquire(60, TimeUnit.SECONDS));
      rig.said.clear();
      rig.tick(4);
      assertEquals(List.of(), List.copyOf(rig.said));
      rig.tick(1);
      assertEquals(1, rig.said.size());
      String said = rig.said.remove();
      assertTrue(said.startsWith("recycle: request of /127.0.0.1:"), said);
      assertTrue(said.endsWith(" runs for 35s: terminating"), said);
      rig.tick(100);
      assertEquals(List.of(), List.copyOf(rig.said));
      assertFalse(rig.interrupted.tryAcquire());
      rig.drain(false);
      rig.tick(1);
      rig.tick(1);
      assertEquals(
          List.of("stuck: 1 requests do not end although their threads were interrupted"),
          List.copyOf(rig.said));
    }
  }

  @Test
  void waitsForTheOthersBeforeItGivesUp() throws Exception {
    try (EngineRig rig = rig(ProcessModel.EVENT);
        Client _ = EngineRig.holding(rig, 1).getFirst();
        Client idle = rig.connect()) {
      assertEquals("one keep", idle.ask("one"));
      EngineRig.await(() -> rig.score.parked(Parked.KEEP_ALIVE) == 1); // its run has ended
      rig.heedsInterrupts = false;
      rig.tick(30);
      assertTrue(rig.interrupted.tryAcquire(60, TimeUnit.SECONDS));
      rig.tick(5);
      rig.said.clear();
      rig.service.drain.raise(); // the engine is not told: its clock would end the idle connection
      rig.tick(0);
      assertEquals(List.of(), List.copyOf(rig.said));
      idle.hangUp();
      EngineRig.await(() -> rig.score.connections() == 1);
      rig.tick(0);
      assertEquals(1, rig.said.size());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void isPatientWithAHandlerThatAsksForIt(ProcessModel model) throws Exception {
    try (EngineRig rig = rig(model)) {
      rig.patience = 100;
      try (Client client = EngineRig.holding(rig, 1).getFirst()) {
        EngineRig.await(() -> rig.go.hasQueuedThreads());
        rig.tick(99);
        assertEquals(List.of(), List.copyOf(rig.said));
        rig.tick(1);
        assertEquals("wait keep", client.line());
        assertTrue(rig.interrupted.tryAcquire());
        assertEquals(2, rig.said.size());
      }
    }
  }

  @Test
  void wantsAReplacementOnceTheChildIsOld() throws Exception {
    Recycling recycling = new Recycling(0, 100 * SECOND);
    try (EngineRig rig =
        new EngineRig(ProcessModel.WORKER, directory, new RequestTimeouts(0, 0), recycling)
            .start()) {
      rig.tick(5);
      rig.tick(99);
      assertEquals(List.of(), List.copyOf(rig.said));
      rig.tick(1);
      rig.tick(500);
      assertEquals(List.of("recycle: MaxChildAge reached after 1m40s"), List.copyOf(rig.said));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.5, 1, 0", // no limit
    "1000, 0, 1, 1000",
    "1000, 0.1, 0, 1000",
    "1000, 0.1, 0.5, 950",
    "1000, 0.1, 1, 900",
    "1, 0.5, 1, 1",
    "3, 0.1, 0.9, 3"
  })
  void drawsLimitsThatDiffer(long limit, double jitter, double random, long expected) {
    assertEquals(expected, Recycling.draw(limit, jitter, random));
  }

  @Test
  void hasNoLimitsUnlessTheyAreSet() {
    MpmConfig config = MpmConfig.builder(ProcessModel.EVENT).listen("127.0.0.1:0").build();
    assertEquals(Recycling.NEVER, Recycling.of(config, 0.5));
    assertFalse(RequestTimeouts.of(config).any());
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1000", "8, 0, 1000", "0, 2, 250", "1, 2, 125", "0.1, 2, 50"})
  void looksOftenEnough(double slowLog, double terminate, long millis) {
    RequestTimeouts timeouts =
        new RequestTimeouts((long) (slowLog * SECOND), (long) (terminate * SECOND));
    assertEquals(millis * 1_000_000, Monitor.tickNanos(timeouts));
  }
}
