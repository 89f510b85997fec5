package org.mpm4j.comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.mpm4j.impl.os.Linux;

/// Fills mpm4j's event model with connections. For one thread.
final class CapacityRun {
  /// What each process of a server may have open.
  static final int DESCRIPTORS = 20_000;

  /// What the children were measured with before they chose for themselves.
  static final List<String> SMALL_HEAP = List.of("-XX:+UseSerialGC", "-Xmx64m");

  // a client process opens other files too
  private static final int PER_CLIENT_PROCESS = 15_000;

  private static final int ACTIVE = 64;

  // no further round of a part begins after this, so that all of it takes minutes
  private static final long PART_NANOS = TimeUnit.SECONDS.toNanos(100);

  // what 100,000 of them took here, with a reserve; both ends are on this machine
  private static final long BYTES_PER_CONNECTION = 12 << 10;
  private static final long BYTES_PER_PROCESS = 200 << 20;

  private static final int MOST_CALM_SECONDS = 2;

  private static final double NANOS_PER_SECOND = 1e9;

  private final CapacitySettings settings;
  private final TestBed bed;
  private final CapacityResults results = new CapacityResults();

  CapacityRun(CapacitySettings settings, TestBed bed) {
    this.settings = settings;
    this.bed = bed;
  }

  /// Runs all of it.
  ///
  /// @throws IOException if this machine cannot carry it; the message says why
  CapacityResults run() throws IOException, InterruptedException {
    requireDescriptors();
    for (Capacity.Part part : settings.parts()) {
      switch (part) {
        case HELD -> held();
        case MEMORY -> memory();
        case MANY -> many();
      }
    }
    return results;
  }

  private static void requireDescriptors() throws IOException {
    long limit = Linux.open().openFileHardLimit();
    if (limit < DESCRIPTORS) {
      throw new IOException("ulimit -Hn is %d; expected %d".formatted(limit, DESCRIPTORS));
    }
  }

  private ServerProcess start(int children, List<String> jvmOptions)
      throws IOException, InterruptedException {
    Contender event = event(children, jvmOptions);
    ServerProcess server = bed.start(event);
    try {
      bed.loads().warmUp(event, server, settings.warmUp() * children);
      // every thread has served once, so that what it keeps is there before connections come
      Scenario blocking = Scenario.BLOCKING_5MS;
      LoadResult _ = bed.loads().run(blocking, blocking.connections() * children, server.port(), 1);
      List<Long> _ = awaitEmpty(server);
      return server;
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  private static Contender event(int children, List<String> jvmOptions) {
    return Contenders.event(children, jvmOptions, DESCRIPTORS);
  }

  /// Waits until there is nobody but who asks.
  private static List<Long> awaitEmpty(ServerProcess server)
      throws IOException, InterruptedException {
    return ChildConnections.await(server.port(), sum -> sum <= 1);
  }

  /// One server takes all numbers of idle connections in turn, so that what changes with time meets
  /// all of them.
  private void held() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (ServerProcess server = start(1, List.of())) {
      // more than for the other parts, since each number is compared with the first of its round
      bed.loads().warmUp(event(1, List.of()), server, settings.warmUp());
      for (int round = 1; round <= settings.rounds() && mayBegin(round, begun); round++) {
        for (int idle : settings.idle()) {
          CapacityResults.Held held = held(server, round, idle);
          results.held().add(held);
          bed.progress()
              .printf(
                  "held    round %d, %,6d idle: %s req/s, %s µs CPU each, %,d answer%n",
                  round,
                  idle,
                  Numbers.whole(held.cost().load().requestsPerSecond()),
                  Numbers.tenths(held.cost().cpuMicrosPerRequest()),
                  held.answered());
        }
      }
    }
  }

  private boolean mayBegin(int round, long begun) {
    boolean may = round == 1 || System.nanoTime() - begun < PART_NANOS;
    if (!may) {
      bed.progress().println("round " + round + " and later are left out: they take too long");
    }
    return may;
  }

  private CapacityResults.Held held(ServerProcess server, int round, int idle)
      throws IOException, InterruptedException {
    // without idle clients too
    try (CrowdProcess crowd = crowd(idle, server)) {
      // the compilers of both still work on what came, and would take from the load
      crowd.tree().awaitCalm(MOST_CALM_SECONDS);
      server.tree().awaitCalm(MOST_CALM_SECONDS);
      LoadGenerator.Cost cost =
          bed.loads().cost(Scenario.KEEP_ALIVE_64, ACTIVE, server, settings.seconds());
      crowd.ask();
      CapacityResults.Held held = new CapacityResults.Held(round, idle, cost, crowd.answered());
      int _ = crowd.end();
      return held;
    } finally {
      List<Long> _ = awaitEmpty(server);
    }
  }

  private CrowdProcess crowd(int idle, ServerProcess server)
      throws IOException, InterruptedException {
    return bed.crowd(Scenario.Crowd.IDLE, idle, server);
  }

  /// Each number has a server of its own: what an earlier crowd left would be used again.
  private void memory() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    for (int round = 1; round <= settings.rounds() && mayBegin(round, begun); round++) {
      memory("defaults", List.of(), round);
      memory(String.join(" ", SMALL_HEAP), SMALL_HEAP, round);
    }
    try (ServerProcess server = start(1, SMALL_HEAP)) {
      ProcessHandle child = server.tree().processes().getLast();
      Histogram before = Histogram.of(bed.processes(), child);
      try (CrowdProcess _ = crowd(settings.memoryIdle(), server)) {
        results
            .objects()
            .addAll(Histogram.of(bed.processes(), child).since(before, settings.memoryIdle()));
      }
    }
  }

  private void memory(String setting, List<String> jvmOptions, int round)
      throws IOException, InterruptedException {
    try (ServerProcess server = start(1, jvmOptions)) {
      KernelMemory kernel = KernelMemory.read();
      long before = server.tree().pssBytes();
      try (CrowdProcess crowd = crowd(settings.memoryIdle(), server)) {
        long after = server.tree().pssBytes();
        KernelMemory more = KernelMemory.read().since(kernel);
        crowd.ask();
        CapacityResults.Memory memory =
            new CapacityResults.Memory(
                setting, round, settings.memoryIdle(), before, after, more, crowd.answered());
        results.memory().add(memory);
        bed.progress()
            .printf(
                "memory  round %d, %,d idle, %s: %s bytes each%n",
                round, settings.memoryIdle(), setting, Numbers.whole(memory.bytesEach()));
      }
    }
  }

  private void many() throws IOException, InterruptedException {
    requireMemory();
    List<CrowdProcess> crowds = new ArrayList<>();
    try (ServerProcess server = start(settings.children(), List.of())) {
      LoadGenerator.Cost alone = load(server);
      long pss = server.tree().pssBytes();
      KernelMemory kernel = KernelMemory.read();
      long begun = System.nanoTime();
      int started = 0;
      while (started < settings.connections()) {
        int count = Math.min(PER_CLIENT_PROCESS, settings.connections() - started);
        crowds.add(
            CrowdProcess.start(
                bed.processes(), Scenario.Crowd.IDLE, count, server.port(), started));
        started += count;
      }
      int connected = 0;
      for (CrowdProcess crowd : crowds) {
        connected += crowd.ready();
      }
      double seconds = secondsSince(begun);
      bed.progress().printf("many    %,d connected in %.1f s%n", connected, seconds);
      int least = connected;
      List<Long> spread = ChildConnections.await(server.port(), sum -> sum >= least);
      long pssAfter = server.tree().pssBytes();
      KernelMemory more = KernelMemory.read().since(kernel);
      LoadGenerator.Cost beside = load(server);
      long asked = System.nanoTime();
      for (CrowdProcess crowd : crowds) {
        crowd.ask();
      }
      int answered = 0;
      for (CrowdProcess crowd : crowds) {
        answered += crowd.answered();
      }
      bed.progress().printf("many    %,d answer once more%n", answered);
      results
          .many()
          .add(
              new CapacityResults.Many(
                  settings.connections(),
                  connected,
                  seconds,
                  spread,
                  alone,
                  beside,
                  pss,
                  pssAfter,
                  more,
                  answered,
                  secondsSince(asked)));
    } finally {
      crowds.forEach(CrowdProcess::close);
    }
  }

  private void requireMemory() throws IOException {
    int jvms = 1 + settings.children() + Math.ceilDiv(settings.connections(), PER_CLIENT_PROCESS);
    long wanted = settings.connections() * BYTES_PER_CONNECTION + jvms * BYTES_PER_PROCESS;
    if (KernelMemory.available() < wanted) {
      throw new IOException(
          "%s MB of memory are available; %s connections need %s"
              .formatted(
                  Numbers.megabytes((double) KernelMemory.available()),
                  Numbers.whole(settings.connections()),
                  Numbers.megabytes((double) wanted)));
    }
  }

  private LoadGenerator.Cost load(ServerProcess server) throws IOException, InterruptedException {
    return bed.loads().cost(Scenario.KEEP_ALIVE_64, ACTIVE, server, settings.seconds());
  }

  private static double secondsSince(long begun) {
    return (System.nanoTime() - begun) / NANOS_PER_SECOND;
  }
}
