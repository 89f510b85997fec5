package org.mpm4j.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.mpm4j.MpmStatus;

/// A small listener of its own for the status of a server, with threads of its own: it answers also
/// while every worker is busy and while no child lives.
///
/// ```java
/// StatusServer status =
///     StatusServer.open(mpm::status, new InetSocketAddress("127.0.0.1", 9090), Require.local());
/// ```
///
/// `GET /server-status` answers with [StatusPage#reply(MpmStatus, String)] and `GET /metrics` with
/// [StatusPage#metrics(MpmStatus, String)]. Its threads are daemons: it keeps no JVM alive. All
/// methods may be called from any thread.
public final class StatusServer implements AutoCloseable {
  /*
   * Overview: the JDK's server dispatches on one thread and serves each exchange on a virtual thread,
   * so that a client that sends or reads slowly keeps nobody waiting. A third thread looks at the
   * server once a second for the rates.
   *
   * Ownership: everything here is final and set before the first thread starts. The supplier may be
   * called by several threads at once, as Mpm.status may.
   *
   * Shutdown: the looking ends first, then the listener and its connections, then the exchanges.
   */
  private static final String PAGE = "/server-status";
  private static final String METRICS = "/metrics";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Supplier<MpmStatus> status;
  private final Require require;
  private final StatusPage page;
  private final HttpServer server;
  private final ExecutorService exchanges = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService observer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("mpm-status-observer").factory());

  private StatusServer(
      Supplier<MpmStatus> status, Require require, StatusPage page, HttpServer server) {
    this.status = status;
    this.require = require;
    this.page = page;
    this.server = server;
  }

  /// Begins to listen.
  ///
  /// @param status what to show, such as `mpm::status`; called once a second and for every request,
  ///   from several threads
  /// @param address where to listen; port 0 for any
  /// @param require who gets an answer; others get status 403
  /// @return the listener; [#close()] ends it
  /// @throws IOException if the address is taken or not of this machine
  public static StatusServer open(
      Supplier<MpmStatus> status, InetSocketAddress address, Require require) throws IOException {
    return open(status, address, require, StatusPage.ofThisHost());
  }

  static StatusServer open(
      Supplier<MpmStatus> status, InetSocketAddress address, Require require, StatusPage page)
      throws IOException {
    StatusServer it = new StatusServer(status, require, page, HttpServer.create(address, 0));
    it.server.setExecutor(it.exchanges);
    it.server.createContext("/", it::serve);
    // The dispatcher inherits from the thread that starts it that it is a daemon.
    Thread starter =
        Thread.ofPlatform().daemon().name("mpm-status-starter").start(it.server::start);
    boolean interrupted = false;
    while (true) {
      try {
        starter.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true; // it takes no time
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    var _ = it.observer.scheduleAtFixedRate(it::observe, 0, 1, TimeUnit.SECONDS);
    return it;
  }

  /// Where it listens, with the real port number.
  ///
  /// @return the address
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /// Stops listening and ends what is being answered. May be called again.
  @Override
  public void close() {
    observer.shutdownNow();
    server.stop(0);
    exchanges.shutdownNow();
  }

  private void observe() {
    try {
      page.observe(status.get());
    } catch (RuntimeException _) {
      // The server is about to stop; requests tell what is wrong.
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!require.grantedTo(exchange.getRemoteAddress(), exchange.getLocalAddress())) {
        send(exchange, 403, error("You may not see this.\n", Map.of()));
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        send(exchange, 405, error("Only GET and HEAD.\n", Map.of("Allow", "GET, HEAD")));
      } else {
        answer(exchange);
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (!path.equals(PAGE) && !path.equals(METRICS)) {
      send(exchange, 404, error("Here are " + PAGE + " and " + METRICS + ".\n", Map.of()));
      return;
    }
    StatusReply reply;
    try {
      reply = path.equals(PAGE) ? page(exchange) : metrics(exchange);
    } catch (RuntimeException _) {
      send(exchange, 503, error("The server does not tell; it may be stopping.\n", Map.of()));
      return;
    }
    send(exchange, 200, reply);
  }

  private StatusReply page(HttpExchange exchange) {
    String query = exchange.getRequestURI().getRawQuery();
    return page.reply(status.get(), query == null ? "" : query);
  }

  private StatusReply metrics(HttpExchange exchange) {
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    return page.metrics(status.get(), accept == null ? "" : accept);
  }

  private static StatusReply error(String text, Map<String, String> headers) {
    return StatusReply.of(TEXT, text, headers);
  }

  private static void send(HttpExchange exchange, int code, StatusReply reply) throws IOException {
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(code, -1);
      return;
    }
    exchange.sendResponseHeaders(code, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
