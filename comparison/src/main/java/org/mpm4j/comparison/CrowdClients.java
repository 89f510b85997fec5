package org.mpm4j.comparison;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Many clients that hardly do anything: a program of its own.
///
/// Idle clients ask once and then keep their connection. Slow ones send a byte of a request head
/// each second, and never finish it. It prints `ready N` once each client is connected (and, if
/// idle, answered) or lost, or after a minute; N is how many are. The line `ask` on its standard
/// input makes each idle client ask once more, and `answered N` is printed in the same way. The
/// line `end` makes it print `held N` and exit; in any case it ends after five minutes.
public final class CrowdClients {
  private static final byte[] REQUEST =
      "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SLOW_HEAD =
      ("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + "a".repeat(200))
          .getBytes(StandardCharsets.US_ASCII);
  private static final String END_OF_ANSWER = "Hello, World!";
  private static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int LOOK_AGAIN_MILLIS = 20;

  // fewer than a usual backlog, and than the ports of one address
  private static final int MOST_PENDING = 200;
  private static final int PER_ADDRESS = 2_000;

  private final Selector selector;
  private final int port;
  private final boolean slow;
  private final int count;
  private final int before;
  private final ByteBuffer buffer = ByteBuffer.allocate(4096);
  private final List<Client> clients = new ArrayList<>();
  private Iterator<Client> toAsk = Collections.emptyIterator();
  private int pending; // not yet connected, or not answered if idle, and not lost

  private static final class Client {
    final SocketChannel channel;
    final StringBuilder answer = new StringBuilder();
    boolean open = true;
    boolean settled;
    int sent;

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    boolean isServed() {
      return open && settled;
    }
  }

  private CrowdClients(Selector selector, int port, boolean slow, int count, int before) {
    this.selector = selector;
    this.port = port;
    this.slow = slow;
    this.count = count;
    this.before = before;
  }

  /// Runs the clients.
  ///
  /// @param args the port, `idle` or `slow`, how many, and how many other processes have
  public static void main(String... args) throws IOException {
    try (Selector selector = Selector.open()) {
      new CrowdClients(
              selector,
              Integer.parseInt(args[0]),
              args[1].equals("slow"),
              Integer.parseInt(args[2]),
              Integer.parseInt(args[3]))
          .run();
    }
  }

  private void run() throws IOException {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    long begun = System.nanoTime();
    long lastByte = begun;
    long since = begun;
    String awaited = "ready";
    boolean ended = false;
    while (!ended && System.nanoTime() - begun < LIFE_NANOS) {
      while (clients.size() < count && pending < MOST_PENDING) {
        connect();
      }
      while (toAsk.hasNext() && pending < MOST_PENDING) {
        ask(toAsk.next());
      }
      int _ = selector.select(this::proceed, LOOK_AGAIN_MILLIS);
      if (slow && System.nanoTime() - lastByte >= SECOND_NANOS) {
        lastByte += SECOND_NANOS;
        sendBytes();
      }
      boolean done = pending == 0 && clients.size() == count && !toAsk.hasNext();
      if (!awaited.isEmpty() && (done || System.nanoTime() - since >= PATIENCE_NANOS)) {
        System.out.println(awaited + " " + clients.stream().filter(Client::isServed).count());
        awaited = "";
      }
      if (commands.ready()) {
        ended = !"ask".equals(commands.readLine());
        awaited = "answered";
        since = System.nanoTime();
        toAsk = clients.iterator();
      }
    }
    System.out.println("held " + open());
    for (Client client : clients) {
      client.channel.close();
    }
  }

  private void ask(Client client) {
    if (!client.isServed()) {
      return;
    }
    client.settled = false;
    pending++;
    try {
      begin(client);
    } catch (IOException _) {
      lose(client);
    }
  }

  private long open() {
    return clients.stream().filter(client -> client.open).count();
  }

  private void connect() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    byte[] source = {127, 0, 0, (byte) (2 + (before + clients.size()) / PER_ADDRESS)};
    channel.bind(new InetSocketAddress(InetAddress.getByAddress(source), 0));
    Client client = new Client(channel);
    clients.add(client);
    pending++;
    channel.register(selector, SelectionKey.OP_CONNECT, client);
    if (channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      begin(client);
    }
  }

  private void proceed(SelectionKey key) {
    Client client = (Client) key.attachment();
    try {
      if (key.isConnectable() && client.channel.finishConnect()) {
        key.interestOps(SelectionKey.OP_READ);
        begin(client);
      } else if (key.isReadable()) {
        read(client);
      }
    } catch (IOException _) {
      lose(client);
    }
  }

  private void begin(Client client) throws IOException {
    if (slow) {
      sendByte(client);
      settle(client);
    } else {
      int _ = client.channel.write(ByteBuffer.wrap(REQUEST)); // fits into an empty socket
    }
  }

  private void read(Client client) throws IOException {
    buffer.clear();
    int read = client.channel.read(buffer);
    if (read < 0) {
      lose(client);
      return;
    }
    buffer.flip();
    if (!client.settled) {
      client.answer.append(StandardCharsets.ISO_8859_1.decode(buffer));
      if (client.answer.toString().endsWith(END_OF_ANSWER)) {
        client.answer.setLength(0);
        client.answer.trimToSize();
        settle(client);
      }
    }
  }

  private void settle(Client client) {
    client.settled = true;
    pending--;
  }

  private void lose(Client client) {
    if (client.open) {
      client.open = false;
      if (!client.settled) {
        pending--;
      }
      try {
        client.channel.close();
      } catch (IOException _) {
        // it is gone anyway
      }
    }
  }

  private void sendBytes() {
    for (Client client : clients) {
      if (client.isServed()) {
        try {
          sendByte(client);
        } catch (IOException _) {
          lose(client);
        }
      }
    }
  }

  private static void sendByte(Client client) throws IOException {
    int at = Math.min(client.sent++, SLOW_HEAD.length - 1);
    int _ = client.channel.write(ByteBuffer.wrap(SLOW_HEAD, at, 1));
  }
}
