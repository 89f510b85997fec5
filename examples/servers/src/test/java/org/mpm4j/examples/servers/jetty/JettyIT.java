package org.mpm4j.examples.servers.jetty;

import org.mpm4j.examples.servers.HostedServerContract;

final class JettyIT extends HostedServerContract {
  JettyIT() {
    super(JettyServer.class);
  }
}
