package org.mpm4j.httpserver;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.spi.HttpServerProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Whose server a test runs against: the JDK's is the oracle.
enum Implementation {
  JDK("sun.net.httpserver.DefaultHttpServerProvider"),
  MPM4J("org.mpm4j.httpserver.MpmHttpServerProvider");

  private final String provider;

  Implementation(String provider) {
    this.provider = provider;
  }

  /// A server, bound unless the address is null.
  HttpServer create(@Nullable InetSocketAddress address, int backlog) throws IOException {
    HttpServerProvider found;
    try {
      found =
          Class.forName(provider)
              .asSubclass(HttpServerProvider.class)
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no provider " + provider, e);
    }
    return found.createHttpServer(address, backlog);
  }

  /// A server on a port of the loopback address.
  HttpServer create() throws IOException {
    return create(loopback(0), 0);
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
