package org.mpm4j.examples.servers.httpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.reflect.Field;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;
import org.mpm4j.examples.servers.Answers;
import org.mpm4j.examples.servers.Lull;

/// The JDK's own HTTP server in every child. It has no way to take a listening socket, so this
/// reaches into its private fields: a trick, which a later JDK may break. It needs `ChildJvmOption
/// --add-opens=jdk.httpserver/sun.net.httpserver=ALL-UNNAMED`. Where one process is enough,
/// `mpm-httpserver` serves the same API without tricks.
///
/// The server does not tell of its connections, so only requests are reported.
public final class JdkHttpServer implements HostedServer {
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<ServerSocketChannel> channels = new ArrayList<>();
  private @Nullable ExecutorService workers;
  private @Nullable ServerContext server;

  /// For the children.
  public JdkHttpServer() {}

  @Override
  public void start(ServerContext server) throws Exception {
    this.server = server;
    ExecutorService workers = Executors.newFixedThreadPool(server.config().threadsPerChild());
    this.workers = workers;
    for (InheritedListener listener : server.listeners()) {
      ServerSocketChannel channel = listener.openChannel();
      channels.add(channel);
      HttpServer http = HttpServer.create();
      adopt(http, channel);
      http.createContext("/", exchange -> answer(server, exchange));
      http.setExecutor(workers);
      http.start();
      servers.add(http);
    }
  }

  /// Puts the channel in the place of the server's own, which was never bound.
  private static void adopt(HttpServer http, ServerSocketChannel channel)
      throws ReflectiveOperationException, IOException {
    Object implementation = field(http, "server").get(http);
    Field own = field(implementation, "schan");
    ((ServerSocketChannel) own.get(implementation)).close();
    own.set(implementation, channel);
    channel.configureBlocking(false);
    Selector selector = (Selector) field(implementation, "selector").get(implementation);
    SelectionKey key = channel.register(selector, SelectionKey.OP_ACCEPT);
    field(implementation, "listenerKey").set(implementation, key);
    field(implementation, "bound").set(implementation, true);
  }

  private static Field field(Object of, String name) throws NoSuchFieldException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static void answer(ServerContext server, HttpExchange http) throws IOException {
    try (ServerLoad.Exchange exchange = server.load().begin(http.getRemoteAddress());
        http) { // sent before the exchange ends
      exchange.describe(http.getRequestMethod() + " " + http.getRequestURI());
      byte[] body =
          (Answers.to(server, http.getRequestURI().getPath()) + "\n")
              .getBytes(StandardCharsets.UTF_8);
      if (server.draining()) {
        http.getResponseHeaders().set("Connection", "close");
      }
      http.sendResponseHeaders(200, body.length);
      http.getResponseBody().write(body);
      exchange.sent(body.length);
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException().initCause(e);
    }
  }

  /// Not [HttpServer#stop(int)] at first: it would take no more requests of kept connections.
  @Override
  public void drain() throws Exception {
    for (ServerSocketChannel channel : channels) {
      channel.close();
    }
    if (server != null) {
      Lull.await(server.load(), () -> false);
    }
  }

  @Override
  public void close() {
    for (HttpServer http : servers) {
      http.stop(0);
    }
    if (workers != null) {
      workers.shutdownNow();
    }
  }
}
