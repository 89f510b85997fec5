package org.mpm4j.examples.servers.jetty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;
import org.mpm4j.WorkerPool;
import org.mpm4j.examples.servers.Answers;
import org.mpm4j.examples.servers.executors.JettyWorkers;

/// Jetty in every child: threads with httpd's spare ones, a connector for each listener, a handler
/// that reports each request, and a drain that tells clients that their connections end.
public final class JettyServer implements HostedServer {
  /// An acceptor and a selector for each listener, beside the threads that handle requests.
  private static final int OTHER_THREADS = 2;

  private final List<ServerConnector> connectors = new ArrayList<>();
  private @Nullable WorkerPool workers;
  private @Nullable Server jetty;

  /// For the children.
  public JettyServer() {}

  @Override
  public void start(ServerContext server) throws Exception {
    int threads = server.config().threadsPerChild() + OTHER_THREADS * server.listeners().size();
    WorkerPool workers =
        WorkerPool.builder().maxThreads(threads).threadNamePrefix("jetty-").build();
    this.workers = workers;
    try {
      start(server, new Server(new JettyWorkers(workers)));
    } catch (Exception e) {
      List<Runnable> _ = workers.shutdownNow();
      throw e;
    }
  }

  private void start(ServerContext server, Server jetty) throws Exception {
    this.jetty = jetty;
    for (InheritedListener listener : server.listeners()) {
      ServerConnector connector = new ServerConnector(jetty, 1, 1);
      connector.open(listener.openChannel());
      connector.addBean(new Connections(server.load()));
      connectors.add(connector);
      jetty.addConnector(connector);
    }
    jetty.setHandler(new Reporting(server, new Hello(server)));
    jetty.start();
  }

  /// Not [Server#stop()] at first: it would answer kept connections with 503.
  @Override
  public void drain() throws Exception {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (ServerConnector connector : connectors) {
      ends.add(connector.shutdown()); // closes the channel; idle connections may stay for a second
    }
    for (CompletableFuture<Void> end : ends) {
      end.get();
    }
  }

  @Override
  public void close() throws Exception {
    if (jetty != null) {
      jetty.stop();
    }
    if (workers != null) {
      List<Runnable> _ = workers.shutdownNow();
    }
  }

  private record Connections(ServerLoad load) implements Connection.Listener {
    @Override
    public void onOpened(Connection connection) {
      load.connectionOpened();
    }

    @Override
    public void onClosed(Connection connection) {
      load.connectionClosed();
    }
  }

  /// Reports each request from its beginning to the end of its answer.
  private static final class Reporting extends Handler.Wrapper {
    private final ServerContext server;

    Reporting(ServerContext server, Handler handler) {
      super(handler);
      this.server = server;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      ServerLoad.Exchange exchange =
          server.load().begin(request.getConnectionMetaData().getRemoteSocketAddress());
      exchange.describe(request.getMethod() + " " + request.getHttpURI().getPathQuery());
      Request.addCompletionListener(request, _ -> exchange.close());
      if (server.draining()) {
        response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
      }
      return super.handle(request, response, callback);
    }
  }

  private static final class Hello extends Handler.Abstract {
    private final ServerContext server;

    Hello(ServerContext server) {
      this.server = server;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      String answer = Answers.to(server, Request.getPathInContext(request));
      if (server.draining()) { // it may have begun meanwhile
        response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
      }
      Content.Sink.write(response, true, answer + "\n", callback);
      return true;
    }
  }
}
