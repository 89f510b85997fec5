package hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;

/// A server that accepts by itself, with a virtual thread for each client.
public final class HelloServer implements HostedServer {
  private final List<ServerSocketChannel> channels = new ArrayList<>();
  private final List<Thread> acceptors = new ArrayList<>();
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  @Override
  public void start(ServerContext server) throws IOException { // once in each child
    for (InheritedListener listener : server.listeners()) {
      ServerSocketChannel channel = listener.openChannel();
      channels.add(channel);
      acceptors.add(Thread.ofPlatform().start(() -> accept(channel, server.load())));
    }
  }

  private void accept(ServerSocketChannel channel, ServerLoad load) {
    while (true) {
      try {
        Socket client = channel.accept().socket();
        clients.execute(() -> serve(client, load));
      } catch (ClosedChannelException e) {
        return; // by drain
      } catch (IOException e) {
        System.err.println("could not accept: " + e);
      }
    }
  }

  private static void serve(Socket client, ServerLoad load) {
    try (client) {
      client.setSoTimeout(10_000);
      BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      String name = in.readLine();
      try (ServerLoad.Exchange exchange = load.begin(client.getRemoteSocketAddress())) {
        exchange.describe("greet " + name);
        String greeting = "Hello, " + name + ", from " + ProcessHandle.current().pid() + "\n";
        client.getOutputStream().write(greeting.getBytes(UTF_8));
      }
    } catch (IOException e) {
      System.err.println("lost a client: " + e);
    }
  }

  @Override
  public void drain() throws Exception {
    for (ServerSocketChannel channel : channels) {
      channel.close(); // of this child alone: the siblings go on accepting
    }
    for (Thread acceptor : acceptors) {
      acceptor.join();
    }
    clients.close(); // waits for those that are connected
  }

  /// Serves until TERM or INT comes.
  public static void main(String[] args) throws Exception {
    String address = args.length > 0 ? args[0] : "127.0.0.1:7000";
    MpmConfig config =
        MpmConfig.event().listen(address).startServers(2).maxRequestWorkers(50).build();
    try (Mpm mpm = Mpm.start(config, HelloServer.class, MpmOptions.none().withSignals())) {
      System.out.println("ready: " + mpm.addresses().getFirst());
      mpm.join();
    }
  }
}
