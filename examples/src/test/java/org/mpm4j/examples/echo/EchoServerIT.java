package org.mpm4j.examples.echo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;

/// What goes in comes out, whether the client reads at once or late.
@Timeout(240)
final class EchoServerIT {
  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void echoes(ProcessModel model) throws Exception {
    MpmConfig config =
        MpmConfig.builder(model).listen("127.0.0.1:0").maxKeepAliveRequests(0).build();
    byte[] bytes = new byte[8 << 20];
    new Random(1).nextBytes(bytes);
    try (Mpm mpm = Mpm.startInProcess(config, new EchoServer());
        Socket socket = new Socket()) {
      socket.connect((InetSocketAddress) mpm.addresses().getFirst());
      socket.setSoTimeout(90_000);
      for (byte b = 0; b < 10; b++) {
        socket.getOutputStream().write(b);
        assertArrayEquals(new byte[] {b}, socket.getInputStream().readNBytes(1));
      }
      CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> send(socket, bytes));
      Thread.sleep(500);
      assertArrayEquals(bytes, socket.getInputStream().readNBytes(bytes.length));
      sender.join();
      assertArrayEquals(new byte[0], socket.getInputStream().readAllBytes());
    }
  }

  private static void send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
