package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// An engine on a clock that only the test moves, and a monitor that only the test lets tick. Its
/// server answers a line with that line and whether it may keep the connection; `wait` waits for
/// [#go].
final class EngineRig implements AutoCloseable, ConnectionHandler, Child.Owner {
  static final int THREADS = 5;
  static final long IDLE_NANOS = 60_000_000_000L;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  final Syscalls os = Linux.open();
  final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  final Semaphore go = new Semaphore(0);
  final Semaphore interrupted = new Semaphore(0);
  final Queue<String> said = new ConcurrentLinkedQueue<>();
  final ProcessScore score;
  final Service service;
  final Engine engine;
  final Monitor monitor;
  private final Scoreboard scoreboard;
  private final ListenSocket listener;

  // how long a handler asks for, in seconds; 0 for not at all
  volatile int patience;
  volatile boolean heedsInterrupts = true;

  EngineRig(ProcessModel model, Path directory) throws IOException {
    this(model, directory, 2);
  }

  /// @param childLimit how many children there might be
  EngineRig(ProcessModel model, Path directory, int childLimit) throws IOException {
    this(model, directory, childLimit, new RequestTimeouts(0, 0), Recycling.NEVER);
  }

  EngineRig(ProcessModel model, Path directory, RequestTimeouts timeouts, Recycling recycling)
      throws IOException {
    this(model, directory, 2, timeouts, recycling);
  }

  private EngineRig(
      ProcessModel model,
      Path directory,
      int childLimit,
      RequestTimeouts timeouts,
      Recycling recycling)
      throws IOException {
    MpmConfigBuilder builder = MpmConfig.builder(model).listen("127.0.0.1:0").deferAccept(false);
    if (model.threaded()) {
      builder.threadsPerChild(THREADS).maxRequestWorkers(THREADS).startServers(1);
      builder.minSpareThreads(1).maxSpareThreads(2 * THREADS);
    }
    builder.keepAliveTimeout(Duration.ofHours(1)).maxKeepAliveRequests(0); // tests turn the clock
    MpmConfig config = builder.build();
    listener = ListenSocket.bind(os, config.listen().getFirst(), 100, false, 0, 0);
    Path file = Files.createFile(directory.resolve("scoreboard"));
    scoreboard = Scoreboard.create(file, model, 1, THREADS, 1);
    score = scoreboard.process(0);
    service =
        new Service(
            os,
            this,
            Limits.of(config),
            timeouts,
            clock::get,
            Interruption.open(os),
            Interruption.open(os),
            () -> {});
    ChildLoad load = new ChildLoad(scoreboard, 0, false, 0, () -> {});
    int[] fds = {listener.fd()};
    engine =
        switch (model) {
          case PREFORK -> new BlockingEngine(service, score, load, fds, 1, "prefork");
          case WORKER -> new BlockingEngine(service, score, load, fds, THREADS, "worker");
          case EVENT ->
              new EventEngine(
                  service, score, load, EventLimits.of(config, childLimit, 10_000), fds);
        };
    monitor =
        new Monitor(service, engine, score, recycling, new Surplus(IDLE_NANOS), said::add, this);
  }

  EngineRig start() {
    engine.start();
    return this;
  }

  void drain(boolean backlogToo) {
    if (backlogToo) {
      service.takeBacklog();
    }
    engine.drain();
  }

  /// Moves the clock and has the monitor look.
  void tick(long seconds) {
    monitor.tick(clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds)));
  }

  boolean ended() throws InterruptedException {
    return engine.threads().awaitTermination(0);
  }

  void awaitEnd() throws InterruptedException {
    assertTrue(engine.threads().awaitTermination(PATIENCE_NANOS), "the engine did not end");
  }

  void awaitThreads(int count) throws InterruptedException {
    await(() -> engine.threads().running() == count && score.threads() == count);
  }

  long count(WorkerStatus status) {
    return IntStream.range(0, engine.threads().most())
        .filter(worker -> score.worker(worker).status() == status)
        .count();
  }

  /// Waits until all of so many threads have nothing to do.
  void awaitIdle(int threads) throws InterruptedException {
    await(() -> engine.threads().running() == threads && engine.spare() == threads - 1);
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "not in time");
      Thread.sleep(2);
    }
  }

  Client connect() throws IOException {
    return new Client(socket());
  }

  /// A connection whose every read has an end.
  Socket socket() throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout((int) (PATIENCE_NANOS / 1_000_000));
    socket.connect(listener.localAddress());
    return socket;
  }

  @Override
  public Disposition handle(Connection connection) throws Exception {
    ByteBuffer input = connection.input();
    String text = StandardCharsets.UTF_8.decode(input.duplicate()).toString();
    int end = text.indexOf('\n');
    if (end < 0) {
      return Disposition.AWAIT_READABLE;
    }
    String line = text.substring(0, end);
    input.position(input.position() + end + 1);
    boolean keeps = connection.mayKeepAlive();
    if (patience > 0) {
      connection.extendDeadline(Duration.ofSeconds(patience));
    }
    if (line.equals("wait")) {
      waitToGo();
    }
    String answer = line + (keeps ? " keep" : " close") + "\n";
    connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    return keeps ? Disposition.KEEP_ALIVE : Disposition.CLOSE;
  }

  private void waitToGo() {
    while (true) {
      try {
        go.acquire();
        return;
      } catch (InterruptedException _) {
        interrupted.release();
        if (heedsInterrupts) {
          return;
        }
      }
    }
  }

  @Override
  public void draining(String reason) {
    said.add("draining: " + reason);
  }

  @Override
  public void recycleDue(String reason) {
    said.add("recycle: " + reason);
  }

  @Override
  public void stuck(String reason) {
    said.add("stuck: " + reason);
  }

  @Override
  public void close() {
    heedsInterrupts = true;
    engine.terminate();
    try {
      awaitEnd();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    service.drain.close();
    service.terminate.close();
    listener.close();
    scoreboard.close();
  }

  /// A client whose every wait has an end.
  static final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Client(Socket socket) throws IOException {
      this.socket = socket;
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    void send(String line) throws IOException {
      socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// The next line, or `end`.
    String line() throws IOException {
      return Objects.requireNonNullElse(in.readLine(), "end");
    }

    String ask(String line) throws IOException {
      send(line);
      return line();
    }

    void hangUp() throws IOException {
      socket.close();
    }

    @Override
    public void close() throws IOException {
      hangUp();
    }
  }

  /// Clients that each hold a thread.
  static List<Client> holding(EngineRig rig, int count) throws Exception {
    List<Client> clients = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Client client = rig.connect();
      client.send("wait");
      clients.add(client);
      int busy = i;
      await(() -> rig.go.getQueueLength() == busy);
    }
    return clients;
  }
}
