package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.child.EngineRig.Client;

/// What a child does for its clients when it is to accept no more.
@Timeout(120)
final class DrainTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void answersTheNextRequestOfAnIdleConnection(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start();
        Client client = rig.connect()) {
      assertEquals("one keep", client.ask("one"));
      rig.drain(false);
      assertEquals("two close", client.ask("two"));
      assertEquals("end", client.line());
      client.hangUp();
      rig.awaitEnd();
    }
  }

  /// Who was told that the connection goes on may ask once more.
  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void keepsWhatTheLastAnswerPromised(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start();
        Client client = rig.connect()) {
      client.send("wait");
      EngineRig.await(() -> rig.score.busyWorkers() == 1 && rig.go.hasQueuedThreads());
      rig.drain(false);
      rig.clock.addAndGet(10_000_000_000L); // the grace counts from the answer
      rig.go.release();
      assertEquals("wait keep", client.line());
      assertEquals("more close", client.ask("more"));
      assertEquals("end", client.line());
      client.hangUp();
      rig.awaitEnd();
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void closesAnIdleConnectionAfterAGrace(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start();
        Client client = rig.connect()) {
      assertEquals("one keep", client.ask("one"));
      rig.drain(false);
      // an engine's own wait cannot be hurried, but it ends within a second or two
      while (!rig.ended()) {
        rig.clock.addAndGet(50_000_000);
        Thread.sleep(20);
      }
      assertEquals("end", client.line());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void answersAFirstRequestThatComesInTheDrain(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start();
        Client client = rig.connect()) {
      EngineRig.await(() -> rig.score.connections() == 1);
      rig.drain(false);
      assertEquals("first close", client.ask("first"));
      client.hangUp();
      rig.awaitEnd();
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void leavesTheListenersAndTakesThemAgain(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start()) {
      try (Client client = rig.connect()) {
        assertEquals("one keep", client.ask("one"));
      }
      EngineRig.await(() -> rig.score.connections() == 0);
      EngineRig.await(() -> rig.score.accepting());
      rig.service.accepting(false);
      rig.engine.acceptingChanged();
      EngineRig.await(() -> !rig.score.accepting());
      try (Client client = rig.connect()) {
        client.send("two");
        assertEquals(0, rig.score.connections());
        rig.service.accepting(true);
        rig.engine.acceptingChanged();
        assertEquals("two keep", client.line());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void takesTheBacklogWhenNobodyElseWill(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start()) {
      EngineRig.await(() -> rig.score.accepting());
      rig.service.accepting(false);
      rig.engine.acceptingChanged();
      EngineRig.await(() -> !rig.score.accepting());
      List<Client> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Client client = rig.connect();
        client.send("c" + i);
        waiting.add(client);
      }
      rig.drain(true);
      for (int i = 0; i < 20; i++) {
        assertEquals("c" + i + " close", waiting.get(i).line());
        assertEquals("end", waiting.get(i).line());
        waiting.get(i).close();
      }
      rig.awaitEnd();
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void leavesTheBacklogToTheSiblings(ProcessModel model) throws Exception {
    try (EngineRig rig = new EngineRig(model, directory).start()) {
      EngineRig.await(() -> rig.score.accepting());
      rig.service.accepting(false);
      rig.engine.acceptingChanged();
      EngineRig.await(() -> !rig.score.accepting());
      try (Client client = rig.connect()) {
        client.send("hello");
        rig.drain(false);
        rig.awaitEnd();
        assertEquals(0, rig.score.connections());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // deadline, from, lingers, expected; in seconds
    "100, 10, false, 11",
    "100, 10, true, 12",
    "10, 10, false, 10",
    "11, 10, true, 11",
    "13, 10, true, 12"
  })
  void bringsTheEndOfAWaitForward(long deadline, long from, boolean lingers, long expected) {
    long second = 1_000_000_000L;
    for (long base : new long[] {0, Long.MAX_VALUE - 11 * second}) { // nanoTime may wrap around
      assertEquals(
          base + expected * second,
          Limits.inDrain(base + deadline * second, base + from * second, lingers));
    }
  }
}
