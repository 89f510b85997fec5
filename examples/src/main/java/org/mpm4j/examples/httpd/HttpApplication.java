package org.mpm4j.examples.httpd;

import java.io.IOException;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.ServerApplication;

/// An HTTP/1.1 server: static files below `DocumentRoot`, and the handlers of [HandlerName] where
/// `<Location>` says so.
///
/// The path of a request through this package: [HttpConnectionHandler] finds the [Exchange] of the
/// connection, which feeds a parser that fills a [RequestHead]; [Router] turns that into an
/// [Answer]; the exchange reads what is left of the request and writes the answer. Nothing waits on
/// the client but the engine, except in the `sleep` handler, whose purpose is to hold a worker.
public final class HttpApplication implements ServerApplication {
  /// Creates the application; the configuration comes with [#open(ChildContext)].
  public HttpApplication() {}

  @Override
  public ConnectionHandler open(ChildContext child) throws IOException {
    HttpConfig config = HttpConfig.of(child.config().serverDirectives());
    return new HttpConnectionHandler(config, Router.of(config, child::status));
  }
}
