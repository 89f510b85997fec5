package org.mpm4j.examples.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Clients that ask again and again until told to stop, on connections that they keep as long as
/// the server does, and note every answer that is none.
final class HttpLoad implements AutoCloseable {
  /// A server may close a connection that is idle; a question that comes so soon after the one
  /// before it must be answered.
  private static final long PROMPT_NANOS = 500_000_000;

  final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final Set<Long> pids = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final List<Thread> clients = new ArrayList<>();

  HttpLoad(InetSocketAddress address, int count) {
    for (int i = 0; i < count; i++) {
      int most = i % 2 == 0 ? Integer.MAX_VALUE : 1;
      clients.add(Thread.ofPlatform().name("client").start(() -> run(address, most)));
    }
  }

  /// @param most requests on a connection
  private void run(InetSocketAddress address, int most) {
    while (!enough.get()) {
      boolean connected = false;
      boolean prompt = true; // nothing was kept yet
      try (HttpConnection connection = new HttpConnection(address)) {
        connected = true;
        long last = 0;
        for (int i = 0; i < most && connection.kept() && !enough.get(); i++) {
          try {
            connection.send("/");
          } finally {
            long now = System.nanoTime();
            prompt = i == 0 || now - last < PROMPT_NANOS;
            last = now;
          }
          String answer = connection.answer();
          pids.add(Long.valueOf(answer.substring(0, answer.indexOf(' '))));
          answered.incrementAndGet();
        }
      } catch (IOException e) {
        if (!prompt && !(e instanceof SocketTimeoutException)) {
          continue; // it may have been closed before the question came
        }
        failures.add(connected ? e.toString() : "REFUSED " + e);
      }
    }
  }

  int answered() {
    return answered.get();
  }

  /// Who has answered.
  Set<Long> pids() {
    return Set.copyOf(pids);
  }

  /// Waits for the end of all clients.
  @Override
  public void close() {
    enough.set(true);
    for (Thread client : clients) {
      try {
        client.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
