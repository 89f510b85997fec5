package org.mpm4j.impl.contract;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildContext;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.ServerApplication;

/// A server that does what each line says. Its answers end with a line as well, bodies aside.
public final class CommandServer implements ServerApplication {
  static final int PIECE = 64 * 1024;

  /// How many connections the handler was told are closed, in this JVM.
  static final AtomicInteger CLOSED = new AtomicInteger();

  private static final class Exchange {
    byte @Nullable [] body;
    int received;
    int pieces;
    boolean suspended;
  }

  @Override
  public ConnectionHandler open(ChildContext child) {
    return new ConnectionHandler() {
      @Override
      public Disposition handle(Connection connection) throws Exception {
        return CommandServer.handle(child, connection);
      }

      @Override
      public Disposition timedOut(Connection connection) throws IOException {
        say(connection, "timed out");
        return Disposition.CLOSE;
      }

      @Override
      public void closed(Connection connection) {
        CLOSED.incrementAndGet();
      }
    };
  }

  private static Disposition handle(ChildContext child, Connection connection) throws Exception {
    Exchange exchange = (Exchange) connection.attachment();
    if (exchange == null) {
      String line = line(connection.input());
      if (line == null) {
        return Disposition.AWAIT_READABLE;
      }
      exchange = new Exchange();
      connection.attach(exchange);
      connection.headComplete();
      return begin(child, connection, exchange, line.split(" "));
    } else if (exchange.body != null) {
      return echo(connection, exchange, exchange.body);
    } else if (exchange.suspended) {
      return reply(connection, "resumed");
    }
    return piece(connection, exchange);
  }

  private static @Nullable String line(ByteBuffer input) {
    for (int i = input.position(); i < input.limit(); i++) {
      if (input.get(i) == '\n') {
        byte[] text = new byte[i - input.position()];
        input.get(text).get();
        return new String(text, StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  private static Disposition begin(
      ChildContext child, Connection connection, Exchange exchange, String[] words)
      throws Exception {
    switch (words[0]) {
      case "echo" -> {
        exchange.body = new byte[Integer.parseInt(words[1])];
        return echo(connection, exchange, exchange.body);
      }
      case "big" -> {
        connection.enqueue(ByteBuffer.wrap(pattern(Integer.parseInt(words[1]))));
        return reply(connection, "end");
      }
      case "write" -> {
        connection.write(ByteBuffer.wrap(pattern(Integer.parseInt(words[1]))));
        return reply(connection, "end");
      }
      case "file" -> {
        connection.sendfile(Path.of(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]));
        return reply(connection, "end");
      }
      case "pieces" -> {
        exchange.pieces = Integer.parseInt(words[1]);
        return piece(connection, exchange);
      }
      case "sleep" -> {
        Thread.sleep(Long.parseLong(words[1]));
        return reply(connection, "slept");
      }
      case "suspend" -> {
        exchange.suspended = true;
        suspend(connection, Long.parseLong(words[1]));
        return Disposition.SUSPEND;
      }
      case "exchanges" -> {
        return reply(connection, Integer.toString(connection.exchanges()));
      }
      case "pid" -> {
        return reply(connection, ProcessHandle.current().pid() + " " + child.slot());
      }
      case "who" -> {
        return who(child, connection);
      }
      case "await" -> {
        say(connection, "waits");
        connection.flush();
        while (Files.notExists(Path.of(words[1]))) {
          Thread.sleep(5); // between two looks
        }
        return who(child, connection);
      }
      case "edition" -> {
        return reply(connection, Class.forName("Edition").getConstructor().newInstance() + "");
      }
      case "leak" -> Arena.global().allocate(Long.parseLong(words[1])).fill((byte) 1);
      case "spawn" -> {
        Process process = new ProcessBuilder("sleep", "600").start();
        return reply(connection, Long.toString(process.pid()));
      }
      case "hang" -> {
        say(connection, "hangs");
        connection.flush();
        hang();
      }
      case "pause" -> {
        return reply(connection, Long.toString(LongPause.take(Long.parseLong(words[1]))));
      }
      case "close" -> {
        say(connection, "bye");
        return Disposition.CLOSE;
      }
      case "throw" -> throw new IllegalStateException("asked to throw");
      case "error" -> throw new AssertionError("asked for an error");
      case "memory" -> throw new OutOfMemoryError("asked to run out of memory");
      case "halt" -> Runtime.getRuntime().halt(3);
      default -> {}
    }
    return reply(connection, "what?");
  }

  /// Says which child this is, and whether it serves more on this connection.
  private static Disposition who(ChildContext child, Connection connection) throws IOException {
    boolean keeps = connection.mayKeepAlive();
    say(
        connection,
        ProcessHandle.current().pid()
            + " "
            + child.slot()
            + " "
            + child.generation()
            + (keeps ? " keep" : " close"));
    connection.attach(null);
    return keeps ? Disposition.KEEP_ALIVE : Disposition.CLOSE;
  }

  /// Never ends, and keeps the JVM from ending.
  private static void hang() {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(CommandServer::park));
    park();
  }

  private static void park() {
    while (true) {
      LockSupport.park(CommandServer.class);
      Thread.interrupted(); // or park would not wait
    }
  }

  private static void suspend(Connection connection, long millis) throws InterruptedException {
    Thread other =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                Thread.sleep(millis);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              connection.resume();
            });
    if (millis == 0) {
      other.join();
    }
  }

  private static Disposition echo(Connection connection, Exchange exchange, byte[] body)
      throws IOException {
    ByteBuffer input = connection.input();
    int n = Math.min(input.remaining(), body.length - exchange.received);
    input.get(body, exchange.received, n);
    exchange.received += n;
    if (exchange.received < body.length) {
      return Disposition.AWAIT_READABLE;
    }
    connection.enqueue(ByteBuffer.wrap(body));
    return reply(connection, "end");
  }

  private static Disposition piece(Connection connection, Exchange exchange) throws IOException {
    if (exchange.pieces == 0) {
      return reply(connection, "end");
    }
    exchange.pieces--;
    connection.enqueue(ByteBuffer.wrap(pattern(PIECE)));
    return Disposition.AWAIT_WRITABLE;
  }

  private static Disposition reply(Connection connection, String text) throws IOException {
    say(connection, text);
    connection.attach(null);
    return Disposition.KEEP_ALIVE;
  }

  private static void say(Connection connection, String text) throws IOException {
    connection.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    return bytes;
  }
}
