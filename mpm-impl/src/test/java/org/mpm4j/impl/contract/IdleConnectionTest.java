package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;

/// What the heap holds for each connection of the event model that waits for its next exchange.
@Timeout(240)
final class IdleConnectionTest {
  private static final int CONNECTIONS = 500;

  // with compressed class pointers, as JVMs have whose heap is below 32 GB
  private static final int MOST_BYTES = 64;

  private static final String TESTS = IdleConnectionTest.class.getPackageName();
  private static final Pattern LINE = Pattern.compile("\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

  @Test
  void isOneSmallObject() throws Exception {
    MpmConfig config =
        MpmConfig.builder(ProcessModel.EVENT)
            .listen("127.0.0.1:0")
            .keepAliveTimeout(Duration.ofMinutes(5))
            .build();
    ConnectionHandler echo =
        connection -> {
          ByteBuffer input = connection.input();
          connection.output().put(input);
          return Disposition.KEEP_ALIVE;
        };
    List<SocketClient> clients = new ArrayList<>();
    try (Mpm mpm = Mpm.startInProcess(config, child -> echo)) {
      Map<String, Objects> before = histogram();
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketClient client = new SocketClient(mpm.addresses().getFirst());
        clients.add(client);
        client.send("?");
        assertEquals(1, client.bytes(1).length);
      }
      Map<String, Objects> grown = histogram();
      grown.replaceAll((type, now) -> now.since(before.getOrDefault(type, new Objects(0, 0))));
      grown.values().removeIf(more -> more.count < CONNECTIONS / 2);
      assertEquals(Set.of("org.mpm4j.impl.child.EventConnection"), grown.keySet());
      Objects connections = grown.values().iterator().next();
      assertEquals(CONNECTIONS, connections.count);
      assertTrue(connections.bytes <= CONNECTIONS * MOST_BYTES, connections::toString);
    } finally {
      for (SocketClient client : clients) {
        client.close();
      }
    }
  }

  /// Of one class.
  private record Objects(long count, long bytes) {
    Objects since(Objects then) {
      return new Objects(count - then.count, bytes - then.bytes);
    }
  }

  /// What lives in this JVM's heap of the library's classes, by class.
  private static Map<String, Objects> histogram() throws Exception {
    String text =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, Objects> classes = new HashMap<>();
    for (String line : text.lines().map(String::strip).toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches() && isLibrarys(matcher.group(3))) {
        long count = Long.parseLong(matcher.group(1));
        classes.put(matcher.group(3), new Objects(count, Long.parseLong(matcher.group(2))));
      }
    }
    return classes;
  }

  private static boolean isLibrarys(String type) {
    return type.startsWith("org.mpm4j.") && !type.startsWith(TESTS);
  }
}
