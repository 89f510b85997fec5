package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Asks who serves it, again and again until told to stop, and notes every answer that is none.
///
/// It keeps its connection as HTTP does: until the server says `close`. A server may close one that
/// is idle; what is asked and lost within [#PROMPT_NANOS] counts, what takes longer may have come
/// when it was closed.
final class Customer {
  private static final long PROMPT_NANOS = 500_000_000;

  final AtomicInteger answered = new AtomicInteger();
  final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final SocketAddress address;
  private final boolean keeps;
  private final AtomicBoolean enough = new AtomicBoolean();
  private final Thread thread;

  /// @param keeps whether it uses a connection for more than one question
  Customer(SocketAddress address, boolean keeps) {
    this.address = address;
    this.keeps = keeps;
    thread = Thread.ofPlatform().name("customer").start(this::run);
  }

  /// As many of them, every other one of which keeps its connection.
  static List<Customer> some(int count, SocketAddress address) {
    List<Customer> customers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      customers.add(new Customer(address, i % 2 == 0));
    }
    return customers;
  }

  /// Waits until each of them has had more answers.
  static void awaitMoreAnswers(List<Customer> customers) throws Exception {
    for (Customer customer : customers) {
      int before = customer.answered.get();
      Processes.await(
          "more answers, failures: " + customer.failures,
          () -> customer.answered.get() > before + 20);
    }
  }

  static void stop(List<Customer> customers) throws InterruptedException {
    for (Customer customer : customers) {
      customer.stop();
    }
  }

  /// Waits for the end of each, none of which may have lost a question.
  static void assertServed(List<Customer> customers) throws InterruptedException {
    stop(customers);
    for (Customer customer : customers) {
      assertEquals(List.of(), List.copyOf(customer.failures));
    }
  }

  private void run() {
    while (!enough.get()) {
      boolean connected = false;
      try (SocketClient client = new SocketClient(address)) {
        connected = true;
        ask(client);
      } catch (IOException e) {
        failures.add(connected ? e.toString() : "REFUSED " + e);
      }
    }
  }

  private void ask(SocketClient client) throws IOException {
    long idleSince = System.nanoTime();
    boolean reused = false;
    while (!enough.get()) {
      @Nullable String answer;
      try {
        answer = answer(client);
      } catch (SocketTimeoutException e) {
        throw e; // it was not closed
      } catch (IOException e) {
        if (mayBeClosed(reused, idleSince)) {
          return;
        }
        throw e;
      }
      if (answer == null && mayBeClosed(reused, idleSince)) {
        return;
      } else if (answer == null || !answer.matches("\\d+ \\d+ \\d+ (keep|close)")) {
        failures.add(String.valueOf(answer));
        return;
      }
      answered.incrementAndGet();
      if (!keeps || answer.endsWith("close")) {
        return;
      }
      reused = true;
      idleSince = System.nanoTime();
    }
  }

  /// Whether the server may have closed it before the question came.
  private static boolean mayBeClosed(boolean reused, long idleSince) {
    return reused && System.nanoTime() - idleSince >= PROMPT_NANOS;
  }

  private static @Nullable String answer(SocketClient client) throws IOException {
    String answer = client.ask("who");
    return answer.equals(SocketClient.END) ? null : answer;
  }

  void stop() throws InterruptedException {
    enough.set(true);
    thread.join();
  }
}
