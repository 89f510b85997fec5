package org.mpm4j.examples.servers.executors;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.WorkerPool;
import org.mpm4j.examples.servers.Answers;

/// The smallest server on a pool of threads: it accepts, and each client, of one request, is a task
/// of [ServerContext#workers()]. It reports nothing; the pool does.
///
/// It accepts only when a worker is free for the client. Otherwise clients would wait in the pool's
/// queue, where the worker of a sibling does not find them, instead of in the backlog.
public final class AcceptLoop implements HostedServer {
  private static final int PATIENCE_MILLIS = 30_000;

  private final List<ServerSocketChannel> channels = new ArrayList<>();
  private final List<Thread> acceptors = new ArrayList<>();
  private @Nullable WorkerPool workers;

  /// For the children.
  public AcceptLoop() {}

  @Override
  public void start(ServerContext server) throws IOException {
    workers = server.workers();
    Semaphore free = new Semaphore(server.workers().maxThreads());
    for (InheritedListener listener : server.listeners()) {
      ServerSocketChannel channel = listener.openChannel();
      channels.add(channel);
      acceptors.add(
          Thread.ofPlatform().name("acceptor").start(() -> accept(server, channel, free)));
    }
  }

  private static void accept(ServerContext server, ServerSocketChannel channel, Semaphore free) {
    while (true) {
      free.acquireUninterruptibly();
      boolean handedOn = false;
      try {
        Socket client = channel.accept().socket();
        server.workers().execute(() -> serve(server, client, free));
        handedOn = true;
      } catch (ClosedChannelException e) {
        return; // by drain
      } catch (IOException e) {
        System.err.println("could not accept: " + e);
      } finally {
        if (!handedOn) {
          free.release();
        }
      }
    }
  }

  private static void serve(ServerContext server, Socket client, Semaphore free) {
    try (client) {
      client.setSoTimeout(PATIENCE_MILLIS);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
      String request = in.readLine();
      for (String line = request; line != null && !line.isEmpty(); ) {
        line = in.readLine();
      }
      if (request != null) {
        String body = Answers.to(server, request.split(" ", -1)[1]) + "\n";
        String head =
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n";
        client.getOutputStream().write((head + body).getBytes(US_ASCII));
      }
    } catch (InterruptedException | IOException e) {
      System.err.println("lost a client: " + e);
    } finally {
      free.release();
    }
  }

  @Override
  public void drain() throws Exception {
    for (ServerSocketChannel channel : channels) {
      channel.close();
    }
    for (Thread acceptor : acceptors) {
      acceptor.join();
    }
    if (workers != null) {
      workers.close(); // waits for those that are connected
    }
  }
}
