package org.mpm4j.httpserver;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A handler with its path, filters and authenticator. Any thread.
final class ServerContext extends HttpContext {
  private final HttpServer server;
  private final String path;
  private final Map<String, Object> attributes = new ConcurrentHashMap<>();
  private final List<Filter> filters = new CopyOnWriteArrayList<>();
  private volatile @Nullable HttpHandler handler;
  private volatile @Nullable Authenticator authenticator;

  /// @throws IllegalArgumentException if the path does not begin with a slash
  ServerContext(HttpServer server, String path, @Nullable HttpHandler handler) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException(
          "context path \"" + path + "\" does not begin with /; expected a path such as /app");
    }
    this.server = server;
    this.path = path;
    this.handler = handler;
  }

  /// Runs the filters, the authenticator and the handler, in this order.
  void serve(ServerExchange exchange, HttpHandler last) throws IOException {
    HttpHandler authenticated =
        wrapped -> {
          Authenticator check = authenticator;
          if (check == null || authenticate(check, exchange, wrapped)) {
            last.handle(wrapped);
          }
        };
    new Filter.Chain(filters, authenticated).doFilter(exchange);
  }

  /// Asks the authenticator, and answers the client that is not let in.
  ///
  /// @param wrapped the exchange as the filters left it
  private static boolean authenticate(
      Authenticator check, ServerExchange exchange, HttpExchange wrapped) throws IOException {
    switch (check.authenticate(wrapped)) {
      case Authenticator.Success success -> {
        exchange.principal(success.getPrincipal());
        return true;
      }
      case Authenticator.Retry retry -> refuse(wrapped, retry.getResponseCode());
      case Authenticator.Failure failure -> refuse(wrapped, failure.getResponseCode());
      default -> {} // the JDK's server leaves it unanswered, too
    }
    return false;
  }

  private static void refuse(HttpExchange exchange, int code) throws IOException {
    exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
    exchange.sendResponseHeaders(code, -1);
  }

  @Override
  public @Nullable HttpHandler getHandler() {
    return handler;
  }

  @Override
  public void setHandler(HttpHandler newHandler) {
    Objects.requireNonNull(newHandler, "handler");
    synchronized (this) {
      if (handler != null) {
        throw new IllegalArgumentException("context " + path + " has a handler already");
      }
      handler = newHandler;
    }
  }

  @Override
  public String getPath() {
    return path;
  }

  @Override
  public HttpServer getServer() {
    return server;
  }

  @Override
  public Map<String, Object> getAttributes() {
    return attributes;
  }

  @Override
  public List<Filter> getFilters() {
    return filters;
  }

  @Override
  public synchronized @Nullable Authenticator setAuthenticator(
      @Nullable Authenticator newAuthenticator) {
    Authenticator old = authenticator;
    authenticator = newAuthenticator;
    return old;
  }

  @Override
  public @Nullable Authenticator getAuthenticator() {
    return authenticator;
  }
}
