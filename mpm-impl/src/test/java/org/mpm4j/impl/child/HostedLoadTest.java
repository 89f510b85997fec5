package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.ServerLoad.Exchange;
import org.mpm4j.impl.scoreboard.ProcessState;
import org.mpm4j.impl.scoreboard.Scoreboard;

@Timeout(120)
final class HostedLoadTest {
  private static final int WORKERS = 3;

  @TempDir Path directory;

  private final AtomicLong now = new AtomicLong(1_000);
  private final AtomicBoolean draining = new AtomicBoolean();
  private Scoreboard scoreboard;
  private HostedLoad load;

  @BeforeEach
  void open() throws Exception {
    Path file = Files.createFile(directory.resolve("scoreboard"));
    scoreboard = Scoreboard.create(file, ProcessModel.WORKER, 1, WORKERS, 1);
    scoreboard.slotsInUse(1);
    scoreboard.process(0).assign(2, 0, WORKERS, 1);
    scoreboard.process(0).state(ProcessState.READY, "");
    load = new HostedLoad(scoreboard.process(0), WORKERS, now::get, draining::get);
  }

  @AfterEach
  void close() {
    scoreboard.close();
  }

  private MpmStatus.Child child() {
    return scoreboard.status().children().getFirst();
  }

  @Test
  void hasOneSlotForEachWorkerAndCountsWhatGoesBeyond() {
    assertEquals("___", child().letters());
    List<Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < WORKERS + 2; i++) {
      exchanges.add(load.begin());
    }
    assertEquals("WWW", child().letters());
    assertEquals(WORKERS, child().busyWorkers());
    assertEquals(WORKERS + 2, load.exchanges());
    now.addAndGet(50);
    for (Exchange exchange : exchanges) {
      exchange.sent(7);
      exchange.close();
      exchange.close();
    }
    assertEquals("___", child().letters());
    assertEquals(0, load.exchanges());
    MpmStatus.Counters counters = child().counters();
    assertEquals(WORKERS + 2, counters.accesses());
    assertEquals((WORKERS + 2) * 7, counters.bytes());
    assertEquals(Duration.ofNanos((WORKERS + 2) * 50), counters.busy());
    assertEquals(WORKERS + 2, load.served());
  }

  @Test
  void saysWhatIsServedAndForgetsWhoHasEnded() {
    Exchange exchange = load.begin();
    exchange.describe(
        ByteBuffer.wrap("GET /first HTTP/1.1\r\nHost: x".getBytes(StandardCharsets.UTF_8)));
    assertEquals("GET /first HTTP/1.1", child().threads().getFirst().request());
    exchange.close();
    Exchange next = load.begin();
    next.describe("GET /n\u00e4chste");
    exchange.describe("GET /late");
    assertEquals("GET /n\\xc3\\xa4chste", child().threads().getFirst().request());
    next.close();
  }

  @Test
  void saysThatARequestEndsWithTheChild() {
    draining.set(true);
    try (Exchange _ = load.begin()) {
      assertEquals("G__", child().letters());
    }
  }

  @Test
  void countsConnectionsAndNeverFewerThanNone() {
    load.connectionClosed();
    assertEquals(0, child().connections());
    load.connectionOpened();
    load.connectionOpened();
    load.connectionClosed();
    assertEquals(1, child().connections());
    assertEquals(2, child().counters().accepted());
    assertEquals(2, load.served());
  }

  @Test
  void losesNoExchangeAmongManyThreads() throws Exception {
    long threads = 8;
    int rounds = 5_000;
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread.Builder builder = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      running.add(
          builder.start(() -> {
            for (int round = 0; round < rounds; round++) {
              load.connectionOpened();
              try (Exchange exchange = load.begin()) {
                exchange.describe("GET /");
              }
              load.connectionClosed();
            }
          }));
    }
    for (Thread thread : running) {
      thread.join();
    }
    assertEquals(0, child().busyWorkers());
    assertEquals(0, child().connections());
    assertEquals(threads * rounds, child().counters().accesses());
    assertEquals(threads * rounds, child().counters().accepted());
  }
}
