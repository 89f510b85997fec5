package org.mpm4j.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.mpm4j.ProcessModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What one client sees of a server in the same JVM that has nothing else to do: latency, not
/// throughput. Messages of 100 bytes.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class LoopbackBenchmark {
  /// Who serves.
  public enum Server {
    PREFORK,
    WORKER,
    EVENT,
    /// `java.net.ServerSocket` and eight threads.
    JDK_SOCKETS;

    LoopbackServer open() throws Exception {
      return this == JDK_SOCKETS
          ? LoopbackServer.jdk()
          : LoopbackServer.of(ProcessModel.valueOf(name()));
    }
  }

  @Param Server server;

  private final byte[] sent = new byte[LoopbackServer.LENGTH];
  private final byte[] received = new byte[LoopbackServer.LENGTH];
  private LoopbackServer running;

  @Setup
  public void open() throws Exception {
    running = server.open();
  }

  @TearDown
  public void close() throws IOException {
    running.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), running.port());
    socket.setTcpNoDelay(true);
    return socket;
  }

  private void exchange(Socket socket, byte kind) throws IOException {
    sent[0] = kind;
    socket.getOutputStream().write(sent);
    int n = socket.getInputStream().readNBytes(received, 0, received.length);
    if (n != received.length || received[0] != kind) {
      throw new IllegalStateException("the answer has " + n + " bytes: it is not the message");
    }
  }

  /// A connection that is kept.
  @State(Scope.Benchmark)
  public static class Kept {
    private Socket socket;

    @Setup
    public void connect(LoopbackBenchmark benchmark) throws IOException {
      socket = benchmark.connect();
    }

    @TearDown
    public void close(LoopbackBenchmark benchmark) throws IOException {
      benchmark.exchange(socket, LoopbackServer.LAST);
      socket.close();
    }
  }

  /// One exchange on a connection that is there.
  @Benchmark
  public void keepAliveExchange(Kept kept) throws IOException {
    exchange(kept.socket, LoopbackServer.MORE);
  }

  /// Connects, has one exchange, waits until the server has closed the connection, and closes it.
  @Benchmark
  public void connectExchangeClose() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, LoopbackServer.LAST);
      if (socket.getInputStream().read() != -1) {
        throw new IllegalStateException("the server sent more than the answer");
      }
    }
  }
}
