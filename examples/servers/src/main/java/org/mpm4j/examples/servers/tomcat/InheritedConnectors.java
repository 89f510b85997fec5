package org.mpm4j.examples.servers.tomcat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.examples.servers.Lull;

/// What makes a Tomcat one of several processes: a connector for each inherited listener, a valve
/// that reports each request, and their drain. For Tomcat alone and for what is built on it.
public final class InheritedConnectors {
  private final ServerContext server;
  private final List<InheritedEndpoint> endpoints;

  /// @param server what this child is told about itself
  public InheritedConnectors(ServerContext server) {
    this.server = server;
    endpoints =
        server.listeners().stream()
            .map(listener -> new InheritedEndpoint(listener, server))
            .toList();
  }

  /// Adds them to a Tomcat that is not started yet and has no connector.
  ///
  /// @param tomcat the caller's, and stays so
  public void addTo(Tomcat tomcat) {
    for (int i = 0; i < endpoints.size(); i++) {
      tomcat.setConnector(connector(endpoints.get(i), server.listeners().get(i)));
    }
    tomcat.getEngine().getPipeline().addValve(new ReportingValve(server));
  }

  private Connector connector(InheritedEndpoint endpoint, InheritedListener listener) {
    int workers = server.config().threadsPerChild();
    Http11NioProtocol protocol = new Http11NioProtocol(endpoint);
    protocol.setMaxThreads(workers);
    protocol.setMinSpareThreads(Math.min(workers, protocol.getMinSpareThreads()));
    Connector connector = new Connector(protocol);
    if (listener.address() instanceof InetSocketAddress address) {
      connector.setPort(address.getPort()); // for names and messages
    }
    return connector;
  }

  /// Accepts no more, and waits until what is connected has been answered. The Tomcat is stopped
  /// after that: stopped at once, it would answer kept connections with 503.
  ///
  /// @throws IOException if a channel cannot be closed
  /// @throws InterruptedException if the thread is interrupted
  public void drain() throws IOException, InterruptedException {
    for (InheritedEndpoint endpoint : endpoints) {
      endpoint.endAccepting();
    }
    Lull.await(
        server.load(),
        () -> endpoints.stream().allMatch(endpoint -> endpoint.getConnections().isEmpty()));
  }
}
