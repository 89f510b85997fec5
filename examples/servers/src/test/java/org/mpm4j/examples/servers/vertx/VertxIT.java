package org.mpm4j.examples.servers.vertx;

import org.mpm4j.examples.servers.HostedServerContract;

final class VertxIT extends HostedServerContract {
  VertxIT() {
    super(VertxServer.class);
  }
}
