package org.mpm4j.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.mpm4j.Connection;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;

/// A server on 127.0.0.1, in this JVM. A message has [#LENGTH] bytes and is answered by the same
/// bytes; the server closes the connection behind one that begins with [#LAST].
abstract class LoopbackServer implements AutoCloseable {
  static final int LENGTH = 100;
  static final byte MORE = 'm';
  static final byte LAST = 'l';

  private static final int THREADS = 8;

  abstract int port();

  @Override
  public abstract void close() throws IOException;

  /// mpm4j, with eight threads where the model has a number of them.
  static LoopbackServer of(ProcessModel model) throws Exception {
    MpmConfigBuilder config =
        MpmConfig.builder(model).listen("127.0.0.1:0").maxKeepAliveRequests(0);
    if (model != ProcessModel.PREFORK) {
      config.threadsPerChild(THREADS);
    }
    Mpm mpm = Mpm.startInProcess(config.build(), child -> LoopbackServer::answer);
    return new LoopbackServer() {
      @Override
      int port() {
        return ((InetSocketAddress) mpm.addresses().getFirst()).getPort();
      }

      @Override
      public void close() {
        mpm.close();
      }
    };
  }

  private static Disposition answer(Connection connection) throws IOException {
    ByteBuffer input = connection.input();
    if (input.remaining() < LENGTH) {
      return Disposition.AWAIT_READABLE;
    }
    boolean last = input.get(input.position()) == LAST;
    connection.write(input.slice(input.position(), LENGTH));
    input.position(input.position() + LENGTH);
    return last ? Disposition.CLOSE : Disposition.KEEP_ALIVE;
  }

  /// A thread that accepts, and eight that serve a connection each.
  static LoopbackServer jdk() throws IOException {
    ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    Thread.ofPlatform().name("accept").start(() -> accept(listener, pool));
    return new LoopbackServer() {
      @Override
      int port() {
        return listener.getLocalPort();
      }

      @Override
      public void close() throws IOException {
        listener.close();
        pool.close(); // the clients have closed their connections
      }
    };
  }

  private static void accept(ServerSocket listener, ExecutorService pool) {
    try {
      while (true) {
        Socket socket = listener.accept();
        pool.execute(() -> serve(socket));
      }
    } catch (IOException e) {
      if (!listener.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      byte[] message = new byte[LENGTH];
      boolean more = true;
      while (more && in.readNBytes(message, 0, LENGTH) == LENGTH) {
        out.write(message);
        more = message[0] != LAST;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
