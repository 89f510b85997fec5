package org.mpm4j.httpserver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;

/// Gives each connection an [ExchangeChannel] from the first byte of a request to the end of its
/// exchange, and calls the application. An idle connection has none.
final class ExchangeDispatcher implements ConnectionHandler {
  static final System.Logger log = System.getLogger("com.sun.net.httpserver");

  private static final ThreadLocal<Boolean> SERVING = ThreadLocal.withInitial(() -> false);

  private final EventHttpServer server;
  private final HttpServerSettings settings;
  private final Duration keepAliveTimeout;

  /// One spare reader for each worker: the thread that completes an exchange usually begins the
  /// next one.
  @SuppressWarnings("ThreadLocalUsage") // not static: a reader knows its server's limits
  private final ThreadLocal<@Nullable IncomingHead> spare = new ThreadLocal<>();

  ExchangeDispatcher(
      EventHttpServer server, HttpServerSettings settings, Duration keepAliveTimeout) {
    this.server = server;
    this.settings = settings;
    this.keepAliveTimeout = keepAliveTimeout;
  }

  EventHttpServer server() {
    return server;
  }

  HttpServerSettings settings() {
    return settings;
  }

  Duration keepAliveTimeout() {
    return keepAliveTimeout;
  }

  /// The executor of the application, or one that runs in place.
  Executor executor() {
    return Objects.requireNonNull(server.getExecutor());
  }

  /// Whether the calling thread is a worker that has called the application.
  static boolean servesOnThisThread() {
    return SERVING.get();
  }

  @Override
  public Disposition handle(Connection connection) throws IOException {
    SERVING.set(true);
    try {
      if (connection.attachment() instanceof ExchangeChannel channel) {
        return channel.proceed();
      }
      ByteBuffer input = connection.input();
      if (!input.hasRemaining()) {
        int count = connection.tryFill();
        if (count <= 0) {
          return count < 0 ? Disposition.CLOSE : Disposition.AWAIT_READABLE;
        }
      }
      connection.describe(input);
      ExchangeChannel channel = new ExchangeChannel(this, connection, borrow());
      connection.attach(channel);
      return channel.proceed();
    } finally {
      SERVING.set(false);
    }
  }

  private IncomingHead borrow() {
    IncomingHead head = spare.get();
    if (head == null) {
      return new IncomingHead(settings.head());
    }
    spare.set(null);
    return head;
  }

  /// Takes back what a channel does not need any more.
  void giveBack(IncomingHead head) {
    if (head.reset()) {
      spare.set(head);
    }
  }

  @Override
  public Disposition timedOut(Connection connection) throws IOException {
    return connection.attachment() instanceof ExchangeChannel channel
        ? channel.timedOut()
        : Disposition.ABORT;
  }

  @Override
  public void closed(Connection connection) {
    if (connection.attachment() instanceof ExchangeChannel channel) {
      channel.closed();
    }
  }
}
