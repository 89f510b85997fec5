package org.mpm4j.examples.servers.tomcat;

import org.mpm4j.examples.servers.HostedServerContract;

final class TomcatIT extends HostedServerContract {
  TomcatIT() {
    super(TomcatServer.class);
  }
}
