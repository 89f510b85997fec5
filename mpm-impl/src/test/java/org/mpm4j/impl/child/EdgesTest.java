package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ProcessModel;

/// Whatever a client sends is seen, however it is cut into pieces and whenever they come: the
/// poller tells of each only once, and timeouts, which would hide a loss, never come here.
final class EdgesTest {
  private static final int CLIENTS = 8;
  private static final int CONNECTIONS = 150;
  private static final int LONGEST_PAUSE_NANOS = 60_000;

  // eight bytes with its end, so that lines fill the input buffer exactly
  private static final String LINE = "seventh";
  private static final int MANY = 3000;

  @Test
  void loseNothing(@TempDir Path directory) throws Exception {
    try (EngineRig rig = new EngineRig(ProcessModel.EVENT, directory).start();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<Void>> ends = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int seed = i;
        Callable<Void> client =
            () -> {
              Random random = new Random(seed);
              for (int c = 0; c < CONNECTIONS; c++) {
                converse(rig, random);
              }
              return null;
            };
        ends.add(clients.submit(client));
      }
      for (Future<Void> end : ends) {
        var _ = end.get();
      }
    }
  }

  private static void converse(EngineRig rig, Random random) throws IOException {
    try (Socket socket = rig.socket()) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      OutputStream out = socket.getOutputStream();
      boolean halfCloses = random.nextBoolean();
      int last = random.nextInt(6);
      for (int batch = 0; batch <= last; batch++) {
        int lines = random.nextInt(30) == 0 ? MANY : 1 + random.nextInt(3);
        byte[] bytes = (LINE + "\n").repeat(lines).getBytes(StandardCharsets.UTF_8);
        for (int sent = 0; sent < bytes.length; ) {
          int n = 1 + random.nextInt(bytes.length - sent);
          out.write(bytes, sent, n);
          sent += n;
          if (random.nextInt(3) == 0) {
            LockSupport.parkNanos(random.nextInt(LONGEST_PAUSE_NANOS));
          }
        }
        if (batch == last && halfCloses) {
          socket.shutdownOutput();
        }
        for (int i = 0; i < lines; i++) {
          assertEquals(LINE + " keep", in.readLine());
        }
      }
      if (halfCloses) {
        assertEquals(-1, in.read());
      }
    }
  }
}
