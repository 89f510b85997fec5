package org.mpm4j.examples.servers.tomcat;

import java.nio.file.Files;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.ServerContext;

/// Tomcat in every child.
public final class TomcatServer implements HostedServer {
  private final Tomcat tomcat = new Tomcat();
  private @Nullable InheritedConnectors connectors;

  /// For the children.
  public TomcatServer() {}

  @Override
  public void start(ServerContext server) throws Exception {
    InheritedConnectors connectors = new InheritedConnectors(server);
    this.connectors = connectors;
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    StandardContext context = (StandardContext) tomcat.addContext("", null);
    context.setClearReferencesThreadLocals(
        false); // would want --add-opens; the process ends anyway
    context.setClearReferencesRmiTargets(false);
    Tomcat.addServlet(context, "hello", new HelloServlet(server));
    context.addServletMapping("/", "hello");
    connectors.addTo(tomcat);
    tomcat.start();
  }

  @Override
  public void drain() throws Exception {
    if (connectors != null) {
      connectors.drain();
    }
  }

  @Override
  public void close() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }
}
