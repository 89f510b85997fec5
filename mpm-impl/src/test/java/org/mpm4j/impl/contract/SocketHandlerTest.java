package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ChildContext;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.ServerApplication;
import org.mpm4j.SocketHandler;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.mpm4j.impl.os.OpenDescriptors;

/// How a socket view begins and ends, under each model.
@Timeout(240)
@ExtendWith(OpenDescriptors.class)
final class SocketHandlerTest {
  private final BlockingQueue<Object> said = new LinkedBlockingQueue<>();

  @BeforeAll
  static void closeOneSocket() throws IOException {
    MpmContract.closeOneSocket();
  }

  private static MpmConfigBuilder config(ProcessModel model) {
    MpmConfigBuilder config =
        MpmConfig.builder(model)
            .listen("127.0.0.1:0")
            .deferAccept(false)
            .timeout(Duration.ofSeconds(60))
            .gracefulShutdownTimeout(Duration.ofSeconds(40));
    if (model.threaded()) {
      config.threadsPerChild(3).maxRequestWorkers(3);
    }
    return config;
  }

  private static Mpm start(MpmConfigBuilder config, ConnectionHandler handler)
      throws StartException {
    return Mpm.startInProcess(config.build(), _ -> handler);
  }

  private static SocketClient connect(Mpm mpm) throws IOException {
    return new SocketClient(mpm.addresses().getFirst());
  }

  private Object next() throws InterruptedException {
    Object next = said.poll(90, TimeUnit.SECONDS);
    assertNotNull(next, "nothing was said");
    return next;
  }

  private static String line(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b; (b = socket.getInputStream().read()) >= 0 && b != '\n'; ) {
      line.append((char) b);
    }
    return line.toString();
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String message(Object exception) {
    return String.valueOf(((IOException) exception).getMessage());
  }

  /// Sends lines back until the client ends its stream.
  private static void echo(Socket socket) throws IOException {
    String line = line(socket);
    while (!line.isEmpty()) {
      say(socket, line);
      line = line(socket);
    }
  }

  /// The exception of a read that must not succeed.
  private static Object failure(Socket socket) {
    try {
      return socket.getInputStream().read();
    } catch (IOException e) {
      return e;
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void speaksFirstAndServesUntilTheClientEnds(ProcessModel model) throws Exception {
    SocketHandler echo =
        socket -> {
          say(socket, "hello");
          echo(socket);
          say(socket, "bye");
        };
    try (Mpm mpm = start(config(model), echo)) {
      for (int i = 0; i < 50; i++) {
        try (SocketClient client = connect(mpm)) {
          assertEquals("hello", client.line());
          assertEquals("a", client.ask("a"));
          assertEquals("b", client.ask("b"));
          client.socket.shutdownOutput();
          assertEquals("bye", client.line());
          assertTrue(client.ended());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void takesOverInTheMiddle(ProcessModel model) throws Exception {
    ConnectionHandler handler =
        connection -> {
          connection.write(ByteBuffer.wrap("before\n".getBytes(StandardCharsets.UTF_8)));
          int there = connection.input().remaining();
          Socket socket = connection.socket();
          assertSame(socket, connection.socket());
          assertThrows(IllegalStateException.class, connection::input);
          assertThrows(IllegalStateException.class, connection::tryFill);
          assertThrows(IllegalStateException.class, connection::flush);
          assertThrows(IllegalStateException.class, () -> connection.write(ByteBuffer.allocate(1)));
          assertThrows(
              IllegalStateException.class, () -> connection.enqueue(ByteBuffer.allocate(1)));
          assertTrue(there > 0 && socket.getInputStream().available() >= there);
          assertEquals(60_000, socket.getSoTimeout());
          say(socket, line(socket) + line(socket));
          return Disposition.KEEP_ALIVE; // which it cannot be any more
        };
    try (Mpm mpm = start(config(model), handler);
        SocketClient client = connect(mpm)) {
      client.send("one\n");
      assertEquals("before", client.line());
      assertEquals("onetwo", client.ask("two"));
      client.send("and what the server does not want to read");
      assertEquals(SocketClient.END, client.line());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void closesAtOnceWhatItsCodeCloses(ProcessModel model) throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    SocketHandler handler =
        socket -> {
          say(socket, "last");
          socket.close();
          said.add(failure(socket));
          assertTrue(seen.await(90, TimeUnit.SECONDS), "the client did not see the end");
        };
    try (Mpm mpm = start(config(model), handler);
        SocketClient client = connect(mpm)) {
      assertEquals("last", client.line());
      assertEquals(SocketClient.END, client.line());
      assertEquals(SocketException.class, next().getClass());
      seen.countDown();
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void dropsAnAbortedSocket(ProcessModel model) throws Exception {
    ConnectionHandler handler =
        connection -> {
          say(connection.socket(), "last");
          return Disposition.ABORT;
        };
    try (Mpm mpm = start(config(model), handler);
        SocketClient client = connect(mpm)) {
      client.send("unread?\n");
      String line = client.line();
      assertTrue(line.equals("last"), line);
      assertTrue(client.ended());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void endsForThreadsThatAreLeft(ProcessModel model) throws Exception {
    BlockingQueue<Socket> left = new LinkedBlockingQueue<>();
    SocketHandler handler =
        socket -> {
          if (left.isEmpty()) {
            left.add(socket);
            InputStream in = socket.getInputStream();
            SocketContract.start(() -> said.add(assertThrows(IOException.class, in::read)))
                .awaitBlocked();
          } else {
            said.add("second");
            say(socket, line(socket));
          }
        };
    try (Mpm mpm = start(config(model), handler);
        SocketClient first = connect(mpm)) {
      assertEquals(SocketClient.END, first.line());
      assertEquals("Socket closed", message(next()));
      Socket leftover = left.element();
      first.socket.close();
      try (SocketClient second = connect(mpm)) { // has the descriptor of the first by now
        assertEquals("second", next());
        assertTrue(leftover.isClosed());
        assertThrows(SocketException.class, leftover::getOutputStream);
        assertThrows(SocketException.class, leftover::shutdownOutput);
        assertThrows(SocketException.class, () -> leftover.setSoLinger(true, 0));
        leftover.close();
        assertEquals("untouched", second.ask("untouched"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void failsWhenTheServerStopsAtOnce(ProcessModel model) throws Exception {
    SocketHandler handler =
        socket -> {
          socket.setSoTimeout(0);
          say(socket, "ready");
          said.add("reads"); // writing to the client is over
          said.add(failure(socket));
          said.add(failure(socket));
        };
    try (Mpm mpm = start(config(model), handler);
        SocketClient client = connect(mpm)) {
      assertEquals("ready", client.line());
      assertEquals("reads", next());
      mpm.stop(StopMode.IMMEDIATE);
      for (int i = 0; i < 2; i++) {
        assertTrue(message(next()).contains("the server stops at once"));
      }
      assertTrue(client.ended());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void isServedOutByADrain(ProcessModel model) throws Exception {
    ServerApplication application =
        child -> {
          said.add(child);
          return (SocketHandler) SocketHandlerTest::echo;
        };
    try (Mpm mpm = Mpm.startInProcess(config(model).build(), application);
        SocketClient client = connect(mpm)) {
      assertEquals("a", client.ask("a"));
      Thread stop = Thread.ofPlatform().start(() -> mpm.stop(StopMode.GRACEFUL));
      ChildContext child = (ChildContext) next();
      Processes.await("the drain", child::draining);
      assertEquals("b", client.ask("b"));
      client.socket.shutdownOutput();
      assertEquals(SocketClient.END, client.line());
      client.socket.close();
      stop.join();
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void isCutOffByRequestTerminateTimeout(ProcessModel model) throws Exception {
    SocketHandler handler =
        socket -> {
          socket.setSoTimeout(0);
          said.add(failure(socket));
          said.add(Thread.currentThread().isInterrupted());
        };
    MpmConfigBuilder config = config(model).requestTerminateTimeout(Duration.ofSeconds(1));
    try (Mpm mpm = start(config, handler);
        SocketClient client = connect(mpm)) {
      String message = message(next());
      assertTrue(message.contains("RequestTerminateTimeout"), message);
      assertEquals(true, next());
      assertTrue(client.ended());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void boundsWritesAndReadsByTimeout(ProcessModel model) throws Exception {
    ConnectionHandler handler =
        new ConnectionHandler() {
          @Override
          public Disposition accepted(Connection connection) throws Exception {
            connection.timeout(Duration.ofMillis(300));
            Socket socket = connection.socket();
            said.add(failure(socket));
            try {
              while (true) {
                socket.getOutputStream().write(new byte[100_000]);
              }
            } catch (SocketException e) {
              said.add(e);
            }
            return Disposition.CLOSE;
          }

          @Override
          public Disposition handle(Connection connection) {
            return Disposition.ABORT;
          }
        };
    try (Mpm mpm = start(config(model), handler);
        SocketClient _ = connect(mpm)) {
      assertEquals("Read timed out", message(next()));
      assertEquals("the client took nothing for 300 ms", message(next()));
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void servesUnixDomainClients(ProcessModel model, @TempDir Path directory) throws Exception {
    SocketHandler handler =
        socket -> {
          socket.setTcpNoDelay(true);
          assertTrue(socket.getTcpNoDelay());
          socket.setTrafficClass(0x10);
          InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
          assertEquals(loopback, socket.getRemoteSocketAddress());
          assertEquals(loopback, socket.getLocalSocketAddress());
          say(socket, line(socket));
        };
    Path path = directory.resolve("socket");
    MpmConfigBuilder config = config(model).listen("unix:" + path);
    try (Mpm _ = start(config, handler);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      byte[] text = "over the file system\n".getBytes(StandardCharsets.UTF_8);
      assertEquals(text.length, client.write(ByteBuffer.wrap(text)));
      ByteBuffer answer = ByteBuffer.allocate(100);
      while (client.read(answer) >= 0) {}
      byte[] bytes = new byte[answer.flip().remaining()];
      answer.get(bytes);
      assertArrayEquals(text, bytes);
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void goesOnAfterHandlersThatThrow(ProcessModel model) throws Exception {
    SocketHandler handler =
        socket -> {
          switch (line(socket)) {
            case "throw" -> throw new IllegalStateException("asked to throw");
            case "timeout" -> {
              socket.setSoTimeout(1);
              var _ = socket.getInputStream().read();
            }
            case "close" -> {
              socket.close();
              var _ = socket.getInputStream().read();
            }
            default -> say(socket, "served");
          }
        };
    try (Mpm mpm = start(config(model), handler)) {
      for (String command : new String[] {"throw", "timeout", "close", "reset"}) {
        try (SocketClient client = connect(mpm)) {
          if (command.equals("reset")) {
            client.reset();
          } else {
            client.send(command + "\n");
            assertTrue(client.ended(), command);
          }
        }
      }
      try (SocketClient client = connect(mpm)) {
        assertEquals("served", client.ask("what?"));
        assertFalse(client.socket.isClosed());
      }
    }
  }
}
