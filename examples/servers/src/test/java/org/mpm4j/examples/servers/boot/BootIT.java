package org.mpm4j.examples.servers.boot;

import org.mpm4j.examples.servers.HostedServerContract;

final class BootIT extends HostedServerContract {
  BootIT() {
    super(BootServer.class);
  }
}
