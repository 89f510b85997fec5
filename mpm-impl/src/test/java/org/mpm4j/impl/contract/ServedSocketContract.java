package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.SocketHandler;
import org.mpm4j.impl.os.OpenDescriptors;

/// The contract, for sockets of a connection that a worker serves.
@ExtendWith(OpenDescriptors.class)
abstract class ServedSocketContract extends SocketContract {
  private final ProcessModel model;
  private final BlockingQueue<Socket> served = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable Mpm mpm;

  ServedSocketContract(ProcessModel model) {
    this.model = model;
  }

  @BeforeAll
  static void closeOneSocket() throws IOException {
    MpmContract.closeOneSocket();
  }

  @Override
  InetSocketAddress listen() throws Exception {
    MpmConfigBuilder builder =
        MpmConfig.builder(model)
            .listen("127.0.0.1:0")
            .deferAccept(false)
            .timeout(Duration.ofSeconds(60));
    SocketHandler handler =
        socket -> {
          served.add(socket);
          over.await();
        };
    Mpm started = Mpm.startInProcess(builder.build(), _ -> handler);
    mpm = started;
    return (InetSocketAddress) started.addresses().getFirst();
  }

  @Override
  Socket accept() throws Exception {
    Socket socket = served.poll(90, TimeUnit.SECONDS);
    assertTrue(socket != null, "nothing was accepted");
    return socket;
  }

  @Override
  void end() {
    over.countDown();
    if (mpm != null) {
      mpm.close();
    }
  }

  @Test
  void hasNoUrgentData() {
    assertThrows(SocketException.class, () -> server.sendUrgentData(1));
  }
}
