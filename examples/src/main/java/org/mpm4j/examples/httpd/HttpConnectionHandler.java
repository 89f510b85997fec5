package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;

/// Serves HTTP connections with exchanges that it lends to them.
///
/// A connection has an [Exchange], and with it a parser and its strings, only from the first byte
/// of a request to the last byte of its answer. Between requests its attachment is null, so that an
/// idle connection costs nothing here.
final class HttpConnectionHandler implements ConnectionHandler {
  /// A client that sends requests without reading the answers is read from again when it has taken
  /// all but this much.
  static final int MOST_PENDING = 64 * 1024;

  private final HttpConfig config;
  private final Router router;
  private final HelloResponse hello = new HelloResponse();

  /// One spare exchange for each worker thread: the thread that completes an exchange usually
  /// begins the next one, and its caches are warm.
  @SuppressWarnings("ThreadLocalUsage") // not static: an exchange knows its handler's configuration
  private final ThreadLocal<@Nullable Exchange> spare = new ThreadLocal<>();

  HttpConnectionHandler(HttpConfig config, Router router) {
    this.config = config;
    this.router = router;
  }

  @Override
  public Disposition handle(Connection connection) throws IOException, InterruptedException {
    if (connection.attachment() instanceof Exchange exchange) {
      connection.describe(exchange.requestLine());
      return proceed(connection, exchange, true);
    }
    if (connection.pendingOutput() > MOST_PENDING) {
      return Disposition.AWAIT_WRITABLE;
    }
    ByteBuffer input = connection.input();
    if (!input.hasRemaining()) {
      int count = connection.tryFill();
      if (count <= 0) {
        return count < 0 ? Disposition.CLOSE : Disposition.AWAIT_READABLE;
      }
    }
    connection.describe(input);
    return proceed(connection, borrow(), false);
  }

  private Disposition proceed(Connection connection, Exchange exchange, boolean attached)
      throws IOException, InterruptedException {
    Disposition disposition = exchange.proceed(connection);
    if (exchange.finished()) {
      if (attached) {
        connection.attach(null);
      }
      if (exchange.reset()) {
        spare.set(exchange);
      }
    } else if (!attached) {
      connection.attach(exchange);
    }
    return disposition;
  }

  private Exchange borrow() {
    Exchange exchange = spare.get();
    if (exchange == null) {
      return new Exchange(config, router, hello);
    }
    spare.set(null);
    return exchange;
  }

  @Override
  public Disposition timedOut(Connection connection) {
    return connection.attachment() instanceof Exchange exchange
        ? exchange.timedOut(connection)
        : Disposition.ABORT;
  }

  @Override
  public void closed(Connection connection) {
    connection.attach(null);
  }
}
