package org.mpm4j.examples.servers.netty;

import org.mpm4j.examples.servers.HostedServerContract;

final class NettyIT extends HostedServerContract {
  NettyIT() {
    super(NettyServer.class);
  }
}
