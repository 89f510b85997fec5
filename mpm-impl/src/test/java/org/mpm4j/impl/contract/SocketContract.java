package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What code expects of an accepted socket. Run with one of the JDK's, which says whether the test
/// is right, and with ours.
@Timeout(240)
abstract class SocketContract {
  static final int LARGE = 3_000_000; // more than the buffers of two sockets hold
  private static final long PATIENCE_SECONDS = 90;

  Socket client = new Socket();
  Socket server = client; // until accepted

  /// Starts to listen.
  abstract InetSocketAddress listen() throws Exception;

  /// The socket of the next connection, which stays open until it is closed or [#end()] is called.
  abstract Socket accept() throws Exception;

  /// Ends what [#accept()] and [#listen()] began.
  abstract void end() throws Exception;

  @BeforeEach
  void connect() throws Exception {
    client = new Socket();
    client.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    client.connect(listen());
    server = accept();
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
    end();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(bytes(text));
  }

  static String read(Socket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  /// Runs a task in a thread of its own.
  static <T> Started<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    return new Started<>(future, Thread.ofPlatform().daemon().start(future));
  }

  record Started<T>(FutureTask<T> future, Thread thread) {
    T get() throws Exception {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /// Waits until the thread is in a system call of a socket, or close to one.
    Started<T> awaitBlocked() throws Exception {
      Set<String> calls = Set.of("await", "park", "tryRead", "tryWrite");
      Processes.await(
          "a thread that waits for the socket",
          () ->
              Stream.of(thread.getStackTrace())
                  .filter(frame -> frame.getClassName().endsWith("SocketImpl"))
                  .anyMatch(frame -> calls.contains(frame.getMethodName())));
      return this;
    }

    <E extends Throwable> E assertFails(Class<E> type) {
      return assertInstanceOf(type, assertThrows(ExecutionException.class, this::get).getCause());
    }
  }

  @Test
  void isConnectedAndHasAddresses() throws Exception {
    assertTrue(server.isConnected() && server.isBound() && !server.isClosed());
    assertEquals(client.getLocalAddress(), server.getInetAddress());
    assertEquals(client.getLocalPort(), server.getPort());
    assertEquals(client.getPort(), server.getLocalPort());
    assertEquals(client.getLocalSocketAddress(), server.getRemoteSocketAddress());
    assertEquals(client.getRemoteSocketAddress(), server.getLocalSocketAddress());
    assertEquals(client.getInetAddress(), server.getLocalAddress());
    assertNull(server.getChannel());
    server.close();
    assertTrue(server.isConnected() && server.isBound() && server.isClosed());
    assertEquals(client.getLocalSocketAddress(), server.getRemoteSocketAddress());
    assertEquals(client.getPort(), server.getLocalPort());
    assertTrue(server.getLocalAddress().isAnyLocalAddress());
  }

  @Test
  void cannotBeConnectedOrBoundAgain() {
    InetSocketAddress other = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    assertThrows(SocketException.class, () -> server.connect(other));
    assertThrows(SocketException.class, () -> server.bind(other));
    assertTrue(server.isConnected());
  }

  @Test
  void readsAndWrites() throws Exception {
    write(client, "hello");
    assertEquals('h', server.getInputStream().read());
    byte[] rest = new byte[10];
    assertEquals(3, server.getInputStream().read(rest, 2, 3));
    assertArrayEquals(bytes("\0\0ell\0\0\0\0\0"), rest);
    assertEquals("o", read(server, 1));
    server.getOutputStream().write(0x1ff);
    write(server, "bye");
    assertEquals(0xff, client.getInputStream().read());
    assertEquals("bye", read(client, 3));
    assertEquals(0, server.getInputStream().read(rest, 0, 0));
    server.getOutputStream().write(rest, 0, 0);
    assertThrows(IndexOutOfBoundsException.class, () -> server.getInputStream().read(rest, 8, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> server.getOutputStream().write(rest, 8, 3));
  }

  @Test
  void readsAndWritesMuchAtTheSameTime() throws Exception {
    byte[] down = CommandServer.pattern(LARGE);
    byte[] up = CommandServer.pattern(LARGE / 2);
    var writes =
        start(() -> {
          server.getOutputStream().write(down);
          return true;
        });
    var reads = start(() -> server.getInputStream().readNBytes(up.length));
    var clientWrites =
        start(() -> {
          client.getOutputStream().write(up);
          return true;
        });
    assertArrayEquals(down, client.getInputStream().readNBytes(down.length));
    assertArrayEquals(up, reads.get());
    assertTrue(writes.get() && clientWrites.get());
  }

  @Test
  void tellsWhatIsThereToRead() throws Exception {
    assertEquals(0, server.getInputStream().available());
    write(client, "12345");
    Processes.await("5 bytes", () -> server.getInputStream().available() == 5);
    assertEquals("12", read(server, 2));
    assertEquals(3, server.getInputStream().available());
  }

  @Test
  void canBeUsedAfterAReadThatTookTooLong() throws Exception {
    server.setSoTimeout(20);
    assertEquals(20, server.getSoTimeout());
    InputStream in = server.getInputStream();
    assertThrows(SocketTimeoutException.class, () -> in.read());
    assertThrows(SocketTimeoutException.class, () -> in.read(new byte[5]));
    server.setSoTimeout(0);
    assertEquals(0, server.getSoTimeout());
    var read = start(() -> in.read()).awaitBlocked();
    write(client, "a");
    assertEquals('a', read.get());
    assertThrows(IllegalArgumentException.class, () -> server.setSoTimeout(-1));
  }

  @Test
  void isNotInterruptible() throws Exception {
    var read =
        start(
                () -> {
                  int b = server.getInputStream().read();
                  return b + (Thread.currentThread().isInterrupted() ? " interrupted" : "");
                })
            .awaitBlocked();
    read.thread.interrupt();
    write(client, "a");
    assertEquals("97 interrupted", read.get());
  }

  @Test
  void closesOneDirectionAtATime() throws Exception {
    write(client, "last");
    client.shutdownOutput();
    assertEquals("last", read(server, 10));
    assertEquals(-1, server.getInputStream().read());
    assertFalse(server.isInputShutdown());
    write(server, "answer");
    server.shutdownOutput();
    assertTrue(server.isOutputShutdown());
    assertEquals("answer", read(client, 10));
    assertThrows(IOException.class, () -> server.getOutputStream());
  }

  @Test
  void readsOnAfterItHasShutItsOutputDown() throws Exception {
    OutputStream out = server.getOutputStream();
    server.shutdownOutput();
    assertEquals(-1, client.getInputStream().read());
    write(client, "more");
    assertEquals("more", read(server, 4));
    assertThrows(SocketException.class, () -> out.write(1));
    assertFalse(server.isClosed());
  }

  @Test
  void shutsItsInputDown() throws Exception {
    InputStream in = server.getInputStream();
    var read = start(() -> in.read()).awaitBlocked();
    server.shutdownInput();
    assertEquals(-1, read.get());
    assertTrue(server.isInputShutdown());
    assertEquals(0, in.available());
    assertEquals(-1, in.read());
    write(server, "still");
    assertEquals("still", read(client, 5));
    assertThrows(IOException.class, () -> server.getInputStream());
  }

  @Test
  void endsAWaitingReadWhenClosed() throws Exception {
    var read = start(() -> server.getInputStream().read()).awaitBlocked();
    server.close();
    read.assertFails(SocketException.class);
    assertEquals(-1, client.getInputStream().read());
  }

  @Test
  void endsAWaitingWriteWhenClosed() throws Exception {
    var write =
        start(
                () -> {
                  OutputStream out = server.getOutputStream();
                  while (true) {
                    out.write(new byte[100_000]);
                  }
                })
            .awaitBlocked();
    server.close();
    write.assertFails(SocketException.class);
  }

  @Test
  void refusesEverythingWhenClosed() throws Exception {
    InputStream in = server.getInputStream();
    OutputStream out = server.getOutputStream();
    in.close();
    assertTrue(server.isClosed());
    server.close();
    assertThrows(SocketException.class, () -> in.read());
    assertThrows(SocketException.class, () -> in.available());
    assertThrows(SocketException.class, () -> out.write(1));
    assertThrows(SocketException.class, () -> server.getInputStream());
    assertThrows(SocketException.class, () -> server.getOutputStream());
    assertThrows(SocketException.class, () -> server.setTcpNoDelay(true));
    assertThrows(SocketException.class, () -> server.getSoTimeout());
    assertThrows(SocketException.class, () -> server.shutdownInput());
    assertThrows(SocketException.class, () -> server.getOption(StandardSocketOptions.TCP_NODELAY));
  }

  @Test
  void sendsWhatWasWrittenBeforeTheClose() throws Exception {
    byte[] data = CommandServer.pattern(LARGE);
    var writes =
        start(() -> {
          server.getOutputStream().write(data);
          server.close();
          return true;
        });
    assertArrayEquals(data, client.getInputStream().readAllBytes());
    assertTrue(writes.get());
  }

  @Test
  void resetsTheConnectionWithoutLinger() throws Exception {
    server.setSoLinger(true, 0);
    assertEquals(0, server.getSoLinger());
    server.close();
    assertThrows(SocketException.class, () -> client.getInputStream().read());
  }

  @Test
  void lingersUntilEverythingIsSent() throws Exception {
    server.setSoLinger(true, 30);
    assertEquals(30, server.getSoLinger());
    write(server, "sent");
    server.close();
    assertEquals("sent", read(client, 10));
  }

  @Test
  void saysThatTheClientHasResetTheConnection() throws Exception {
    client.setSoLinger(true, 0);
    client.close();
    InputStream in = server.getInputStream();
    SocketException first = assertThrows(SocketException.class, () -> in.read());
    assertEquals("Connection reset", first.getMessage());
    SocketException next = assertThrows(SocketException.class, () -> in.read());
    assertEquals("Connection reset", next.getMessage());
    assertThrows(
        SocketException.class,
        () -> {
          for (int i = 0; i < 2; i++) {
            write(server, "x");
          }
        });
  }

  @Test
  void hasTheOptionsOfASocket() throws Exception {
    try (Socket other = new Socket()) {
      assertEquals(other.supportedOptions(), server.supportedOptions());
    }
    Set<SocketOption<?>> read = new HashSet<>();
    for (SocketOption<?> option : server.supportedOptions()) {
      assertInstanceOf(option.type(), server.getOption(option), option.name());
      read.add(option);
    }
    assertTrue(read.contains(StandardSocketOptions.SO_LINGER));
    assertThrows(
        UnsupportedOperationException.class,
        () -> server.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> server.setOption(StandardSocketOptions.SO_RCVBUF, -1));
    assertThrows(
        SocketException.class, () -> server.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, -1));
  }

  @Test
  void setsOptions() throws Exception {
    for (boolean on : new boolean[] {true, false}) {
      server.setTcpNoDelay(on);
      assertEquals(on, server.getTcpNoDelay());
      server.setKeepAlive(on);
      assertEquals(on, server.getKeepAlive());
      server.setReuseAddress(on);
      assertEquals(on, server.getReuseAddress());
      server.setOOBInline(on);
      assertEquals(on, server.getOOBInline());
      server.setSoLinger(on, 7);
      assertEquals(on ? 7 : -1, server.getSoLinger());
      server.setOption(StandardSocketOptions.TCP_NODELAY, on);
      assertEquals(on, server.getOption(StandardSocketOptions.TCP_NODELAY));
    }
    server.setSendBufferSize(20_000);
    assertEquals(20_000, server.getSendBufferSize());
    server.setReceiveBufferSize(30_000);
    assertEquals(30_000, server.getReceiveBufferSize());
    server.setTrafficClass(0x10);
    assertEquals(0x10, server.getTrafficClass());
    server.setOption(StandardSocketOptions.SO_LINGER, 5);
    assertEquals(5, server.getOption(StandardSocketOptions.SO_LINGER));
    server.setOption(StandardSocketOptions.SO_LINGER, -1);
    assertEquals(-1, server.getSoLinger());
    server.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 77);
    assertEquals(77, server.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
    assertThrows(IllegalArgumentException.class, () -> server.setReceiveBufferSize(0));
    assertThrows(IllegalArgumentException.class, () -> server.setTrafficClass(256));
  }

  @Test
  void carriesTlsWithBytesThatWereRead(@TempDir Path directory) throws Exception {
    SSLContext tls = TestCertificate.create(directory);
    var answers =
        start(() -> {
          byte[] consumed = server.getInputStream().readNBytes(3); // which protocol is it?
          assertEquals(0x16, consumed[0], "a TLS handshake");
          SSLSocket secured =
              (SSLSocket)
                  tls.getSocketFactory()
                      .createSocket(server, new ByteArrayInputStream(consumed), true);
          secured.setUseClientMode(false);
          byte[] request = secured.getInputStream().readNBytes(100_000);
          secured.getOutputStream().write(request);
          secured.close();
          return server.isClosed();
        });
    SSLSocket secured =
        (SSLSocket) tls.getSocketFactory().createSocket(client, "localhost", 0, true);
    byte[] request = CommandServer.pattern(100_000);
    secured.getOutputStream().write(request);
    assertArrayEquals(request, secured.getInputStream().readNBytes(request.length));
    assertEquals(-1, secured.getInputStream().read()); // close_notify came: not cut off
    assertTrue(answers.get(), "closed with the TLS socket");
    secured.close();
  }
}
