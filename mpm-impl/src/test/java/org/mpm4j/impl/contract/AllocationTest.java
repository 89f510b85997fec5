package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;

/// What an exchange on a kept connection leaves for the garbage collector on the library's side:
/// nothing, once its code is compiled.
@Timeout(240)
final class AllocationTest {
  private static final int EXCHANGES = 20_000;

  // the second is enough on a machine that has the time to compile
  private static final int MOST_ROUNDS = 20;

  // bytes; a thread may start meanwhile
  private static final int LEAST_OBJECT = 16;

  private static final byte[] ANSWER = "Hello, World!\n".getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void anExchangeAllocatesNothing(ProcessModel model) throws Exception {
    MpmConfigBuilder builder = MpmConfig.builder(model).listen("127.0.0.1:0");
    builder.maxKeepAliveRequests(0);
    ConnectionHandler handler =
        connection -> {
          ByteBuffer input = connection.input();
          input.position(input.limit());
          connection.output().put(ANSWER);
          return Disposition.KEEP_ALIVE;
        };
    try (Mpm mpm = Mpm.startInProcess(builder.build(), child -> handler);
        SocketClient client = new SocketClient(mpm.addresses().getFirst())) {
      long perExchange = Long.MAX_VALUE;
      for (int round = 0; round < MOST_ROUNDS && perExchange >= LEAST_OBJECT; round++) {
        long before = allocated(model);
        exchange(client, EXCHANGES);
        perExchange = (allocated(model) - before) / EXCHANGES;
      }
      assertTrue(perExchange < LEAST_OBJECT, perExchange + " bytes for each exchange");
    }
  }

  private static void exchange(SocketClient client, int count) throws Exception {
    byte[] request = {'?'};
    for (int i = 0; i < count; i++) {
      client.send(request);
      assertEquals(ANSWER.length, client.bytes(ANSWER.length).length);
    }
  }

  /// By the threads that serve.
  private static long allocated(ProcessModel model) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String name = "mpm-" + model.httpdName() + "-";
    long[] ids =
        Arrays.stream(threads.dumpAllThreads(false, false))
            .filter(thread -> thread.getThreadName().startsWith(name))
            .mapToLong(java.lang.management.ThreadInfo::getThreadId)
            .toArray();
    assertTrue(ids.length > 0, name);
    return Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
  }
}
