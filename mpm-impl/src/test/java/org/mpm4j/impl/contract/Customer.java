package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Asks who serves it, again and again until told to stop, and notes every answer that is none.
///
/// It keeps its connection as HTTP does: until the server says `close`. A server may close one that
/// is idle; a question that comes within [#PROMPT_NANOS] of the one before it must be answered.
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
    boolean prompt = true; // nothing was kept yet
    boolean reused = false;
    long last = 0;
    while (!enough.get()) {
      String answer;
      try {
        try {
          client.send("who\n");
        } finally {
          long now = System.nanoTime();
          prompt = !reused || now - last < PROMPT_NANOS;
          last = now;
        }
        answer = client.line();
      } catch (SocketException e) {
        if (prompt) {
          throw e;
        }
        answer = SocketClient.END;
      }
      if (answer.equals(SocketClient.END) && !prompt) {
        return; // it may have been closed before the question came
      } else if (!answer.matches("\\d+ \\d+ \\d+ (keep|close)")) {
        failures.add(answer);
        return;
      }
      answered.incrementAndGet();
      if (!keeps || answer.endsWith("close")) {
        return;
      }
      reused = true;
    }
  }

  void stop() throws InterruptedException {
    enough.set(true);
    thread.join();
  }
}
