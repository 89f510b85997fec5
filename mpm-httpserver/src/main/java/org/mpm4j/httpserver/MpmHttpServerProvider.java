package org.mpm4j.httpserver;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import com.sun.net.httpserver.spi.HttpServerProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Makes every [HttpServer] of a program one child of the event model, in the program's own JVM.
///
/// [HttpServerProvider#provider()] finds it through [java.util.ServiceLoader], so that a program
/// written to `com.sun.net.httpserver` needs no change: it needs this module on its class path or
/// module path, and native access (`--enable-native-access=ALL-UNNAMED`, or `org.mpm4j.impl` on the
/// module path). The system property
/// `com.sun.net.httpserver.HttpServerProvider=sun.net.httpserver.DefaultHttpServerProvider` selects
/// the JDK's own server again.
///
/// **Settings** are httpd's directives as system properties, such as
/// `-Dorg.mpm4j.httpserver.ThreadsPerChild=64` (which is the default); `docs/httpserver.md` has the
/// other defaults. They are read when an address is bound. Of the JDK's own properties
/// `sun.net.httpserver.maxReqHeaders`, `maxReqHeaderSize` and `drainAmount` mean what they mean to
/// the JDK's server; the others have no effect.
///
/// **Threads.** Without an executor, or with null for one, handlers run on the engine's workers, up
/// to `ThreadsPerChild` at a time; the JDK's own server runs them one after the other on one
/// thread. With [HttpServer#setExecutor] they run there and hold no worker meanwhile: a worker
/// reads and writes for them whenever the network allows it, and never waits. As with the JDK's
/// server a handler may return first and complete its exchange from another thread later.
///
/// **What differs** from the JDK's server otherwise is listed in `docs/httpserver.md`.
public final class MpmHttpServerProvider extends HttpServerProvider {
  /// For [java.util.ServiceLoader].
  public MpmHttpServerProvider() {}

  /// Creates a server, bound unless `address` is null.
  ///
  /// @param address what to listen to; port 0 lets the kernel choose one
  /// @param backlog the most connections that wait to be accepted; zero or less for the default
  /// @return a server that accepts what it is sent once it is started
  /// @throws java.net.BindException if the address is taken or none of this machine
  /// @throws IOException if it cannot be bound for another reason
  /// @throws org.mpm4j.ConfigException if a system property holds a bad value
  /// @throws UnsupportedOperationException if this is not Linux on x86-64 or aarch64, or native
  ///   access is not enabled
  @Override
  public HttpServer createHttpServer(@Nullable InetSocketAddress address, int backlog)
      throws IOException {
    EventHttpServer server = new EventHttpServer();
    if (address != null) {
      server.bind(address, backlog);
    }
    return server;
  }

  /// There is no TLS here.
  ///
  /// @throws UnsupportedOperationException always; the message says what to use instead
  @Override
  public HttpsServer createHttpsServer(@Nullable InetSocketAddress address, int backlog) {
    throw new UnsupportedOperationException(
        "mpm4j has no HttpsServer: start the JVM with"
            + " -Dcom.sun.net.httpserver.HttpServerProvider="
            + "sun.net.httpserver.DefaultHttpServerProvider to have the JDK's own servers, or let a"
            + " proxy in front of this one do the TLS");
  }
}
