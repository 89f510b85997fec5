package org.mpm4j.impl.contract;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;

/// A whole server by hand: a thread that accepts from each listener, one for each connection, and a
/// line for each request. The environment says how it starts, the lines what else it does.
public final class BlockingServer implements HostedServer {
  /// The name of the variable that says how it starts and drains.
  static final String MOOD = "MPM_TEST_MOOD";

  /// The name of the variable that says whether it reports (`no`).
  static final String REPORTS = "MPM_TEST_REPORTS";

  private final List<ServerSocketChannel> channels = new ArrayList<>();
  private final List<Thread> acceptors = new ArrayList<>();
  private final Set<Thread> servers = ConcurrentHashMap.newKeySet();
  private final Set<SocketChannel> idle = ConcurrentHashMap.newKeySet();
  private final boolean reports = !"no".equals(System.getenv(REPORTS));
  private @Nullable ServerContext context;

  /// For the children.
  public BlockingServer() {}

  private static String mood() {
    return String.valueOf(System.getenv(MOOD));
  }

  @Override
  public void start(ServerContext server) throws Exception {
    context = server;
    switch (mood()) {
      case "throw" -> throw new IOException("the moon is full");
      case "hang" -> new CountDownLatch(1).await();
      case "exit" -> System.exit(3);
      case "open-nothing" -> {
        return;
      }
      case "chatty" -> {
        String line = "chat ".repeat(200);
        for (int i = 0; i < 4_000; i++) {
          System.out.println(line);
        }
      }
      case "linger" -> {
        CountDownLatch never = new CountDownLatch(1);
        Thread.ofPlatform().name("lingers").daemon(false).start(() -> awaitForever(never));
      }
      default -> {}
    }
    for (InheritedListener listener : server.listeners()) {
      ServerSocketChannel channel = listener.openChannel();
      channels.add(channel);
      acceptors.add(
          Thread.ofPlatform().name("acceptor").daemon(false).start(() -> accept(server, channel)));
    }
  }

  private static void awaitForever(CountDownLatch never) {
    while (true) {
      try {
        never.await();
      } catch (InterruptedException _) {
        // goes on
      }
    }
  }

  private void accept(ServerContext server, ServerSocketChannel channel) {
    while (true) {
      try {
        SocketChannel connection = channel.accept();
        Thread thread =
            Thread.ofPlatform().name("server").unstarted(() -> serve(server, connection));
        servers.add(thread);
        thread.start();
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException e) {
        System.err.println("BlockingServer cannot accept: " + e);
      }
    }
  }

  private void serve(ServerContext server, SocketChannel connection) {
    if (reports) {
      server.load().connectionOpened();
    }
    try (connection;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(
                    Channels.newInputStream(connection), StandardCharsets.UTF_8))) {
      String line = next(in, connection);
      while (line != null) {
        String answer = exchange(server, connection, line);
        say(connection, answer);
        line = answer.endsWith(" close") ? null : next(in, connection);
      }
    } catch (IOException _) {
      // the client, or drain, has closed it
    } finally {
      if (reports) {
        server.load().connectionClosed();
      }
      servers.remove(Thread.currentThread());
    }
  }

  /// Waits for a request. A connection that waits so is one that drain may close.
  private @Nullable String next(BufferedReader in, SocketChannel connection) throws IOException {
    idle.add(connection);
    String line = in.readLine();
    idle.remove(connection);
    return line;
  }

  private String exchange(ServerContext server, SocketChannel connection, String line)
      throws IOException {
    if (!reports) {
      return answer(server, connection, line);
    }
    try (ServerLoad.Exchange exchange = server.load().begin(connection.getRemoteAddress())) {
      exchange.describe(line);
      String answer = answer(server, connection, line);
      exchange.sent(answer.length() + 1);
      return answer;
    }
  }

  private String answer(ServerContext server, SocketChannel connection, String line)
      throws IOException {
    String[] words = line.split(" ", -1);
    switch (words[0]) {
      case "await" -> {
        say(connection, "waits");
        while (Files.notExists(Path.of(words[1]))) {
          pause();
        }
      }
      case "close-listener" -> channels.getFirst().close();
      case "flip" -> {
        try (ServerSocketChannel channel = server.listeners().getFirst().openChannel()) {
          channel.configureBlocking(false);
          channel.configureBlocking(true);
        }
      }
      case "fill" -> {
        String text = "fill ".repeat(200);
        for (int i = 0; i < 4_000; i++) {
          System.out.println(text);
        }
      }
      case "say" -> System.out.println("said " + words[1]);
      case "exit" -> System.exit(Integer.parseInt(words[1]));
      default -> {}
    }
    long pid = ProcessHandle.current().pid();
    String end = server.draining() ? "close" : "keep";
    return words[0].equals("pid")
        ? pid + " " + server.slot()
        : pid + " " + server.slot() + " " + server.generation() + " " + end;
  }

  private static void pause() {
    try {
      Thread.sleep(5); // between two looks
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(SocketChannel connection, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int _ = connection.write(bytes);
    }
  }

  @Override
  public void drain() throws Exception {
    switch (mood()) {
      case "drain-hangs" -> awaitForever(new CountDownLatch(1));
      case "drain-throws" -> throw new IllegalStateException("it leaks");
      default -> {}
    }
    for (ServerSocketChannel channel : channels) {
      channel.close();
    }
    for (Thread acceptor : acceptors) {
      acceptor.join();
    }
    System.out.println("drained by " + Thread.currentThread().getName());
    endConnections();
  }

  /// A client that was told that its connection is kept may ask once more, within a while.
  private void endConnections() throws InterruptedException {
    for (Thread server : servers) {
      server.join(1_000);
    }
    for (SocketChannel connection : idle) {
      try {
        connection.close();
      } catch (IOException _) {
        // it is gone
      }
    }
    for (Thread server : servers) {
      server.join();
    }
  }

  @Override
  public void close() throws Exception {
    for (ServerSocketChannel channel : channels) {
      channel.close();
    }
    System.out.println("closed in slot " + (context == null ? "?" : context.slot()));
  }
}
