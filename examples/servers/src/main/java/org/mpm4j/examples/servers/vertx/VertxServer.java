package org.mpm4j.examples.servers.vertx;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;
import org.mpm4j.examples.servers.Answers;
import org.mpm4j.examples.servers.netty.Connections;

/// Vert.x in every child: one event loop, an HTTP server for each listener, and `ThreadsPerChild`
/// worker threads that may block. TCP only.
public final class VertxServer implements HostedServer {
  private @Nullable Connections connections;
  private @Nullable Vertx vertx;

  /// For the children.
  public VertxServer() {}

  @Override
  public void start(ServerContext server) throws Exception {
    Connections connections = new Connections(server.load());
    this.connections = connections;
    InheritedTransport transport = new InheritedTransport(connections);
    Vertx vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(server.config().threadsPerChild())
                    .setFileSystemOptions( // a child that is killed would leave the cache behind
                        new FileSystemOptions()
                            .setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false)))
            .withTransport(named(transport))
            .build();
    this.vertx = vertx;
    try {
      for (InheritedListener listener : server.listeners()) {
        listen(server, vertx, transport, listener);
      }
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private static void listen(
      ServerContext server, Vertx vertx, InheritedTransport transport, InheritedListener listener)
      throws IOException {
    if (!(listener.address() instanceof InetSocketAddress address)) {
      throw new IllegalArgumentException(
          "Listen " + listener.address() + ": VertxServer takes TCP addresses only");
    }
    transport.offer(listener.openChannel());
    // HTTP/2 knows no Connection: close
    vertx
        .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
        .requestHandler(request -> answer(server, vertx, request))
        .listen(SocketAddress.inetSocketAddress(address))
        .await(); // and only then the next offer
  }

  private static Transport named(InheritedTransport transport) {
    return new Transport() {
      @Override
      public String name() {
        return "inherited";
      }

      @Override
      public boolean available() {
        return transport.isAvailable();
      }

      @Override
      public @Nullable Throwable unavailabilityCause() {
        return transport.unavailabilityCause();
      }

      @Override
      public io.vertx.core.spi.transport.Transport implementation() {
        return transport;
      }
    };
  }

  /// On the event loop, as all that follows, except for the answer's text.
  private static void answer(ServerContext server, Vertx vertx, HttpServerRequest request) {
    SocketAddress client = request.remoteAddress();
    ServerLoad.Exchange exchange =
        server.load().begin(new InetSocketAddress(client.hostAddress(), client.port()));
    exchange.describe(request.method() + " " + request.uri());
    vertx
        .executeBlocking(() -> Buffer.buffer(Answers.to(server, request.uri()) + "\n"), false)
        .compose(body -> send(server, request, body).onSuccess(_ -> exchange.sent(body.length())))
        .onFailure(_ -> request.connection().close()) // the server is closed, or the client gone
        .onComplete(_ -> exchange.close());
  }

  /// Vert.x itself keeps a connection of which its response says that it ends.
  private static Future<Void> send(ServerContext server, HttpServerRequest request, Buffer body) {
    boolean last = server.draining();
    if (last) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    Future<Void> sent = request.response().end(body);
    return last ? sent.eventually(() -> request.connection().close()) : sent;
  }

  @Override
  public void drain() throws Exception {
    if (connections != null && vertx != null) {
      connections.drain();
      vertx.close().await();
    }
  }

  @Override
  public void close() {
    if (connections != null) {
      connections.close();
    }
    if (vertx != null) {
      var _ = vertx.close();
    }
  }
}
