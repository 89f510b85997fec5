package hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Semaphore;
import org.mpm4j.HostedServer;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.ServerContext;
import org.mpm4j.WorkerPool;

/// A server that accepts by itself, and serves each client on a worker of its child.
public final class HelloWorkers implements HostedServer {
  private ServerSocketChannel channel;
  private WorkerPool workers;
  private Semaphore free;

  @Override
  public void start(ServerContext server) throws IOException { // once in each child
    workers = server.workers(); // ThreadsPerChild of them; each task is seen as an exchange
    free = new Semaphore(workers.maxThreads());
    channel = server.listeners().getFirst().openChannel();
    Thread.ofPlatform().start(this::accept);
  }

  private void accept() {
    while (true) {
      free.acquireUninterruptibly(); // the others wait in the backlog, where a sibling finds them
      try {
        Socket client = channel.accept().socket();
        workers.execute(() -> serve(client));
      } catch (ClosedChannelException e) {
        free.release();
        return; // by drain
      } catch (IOException e) {
        free.release();
        System.err.println("could not accept: " + e);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout(10_000);
      BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      String greeting =
          "Hello, " + in.readLine() + ", from " + ProcessHandle.current().pid() + "\n";
      client.getOutputStream().write(greeting.getBytes(UTF_8));
    } catch (IOException e) {
      System.err.println("lost a client: " + e);
    } finally {
      free.release();
    }
  }

  @Override
  public void drain() throws Exception {
    channel.close(); // of this child alone: the siblings go on accepting
    free.acquire(workers.maxThreads()); // the acceptor and all clients are done
  }

  /// Serves until TERM or INT comes.
  public static void main(String[] args) throws Exception {
    String address = args.length > 0 ? args[0] : "127.0.0.1:7000";
    MpmConfig config =
        MpmConfig.worker().listen(address).startServers(2).maxRequestWorkers(50).build();
    try (Mpm mpm = Mpm.start(config, HelloWorkers.class, MpmOptions.none().withSignals())) {
      System.out.println("ready: " + mpm.addresses().getFirst());
      mpm.join();
    }
  }
}
