package org.mpm4j.examples.servers.netty;

import org.junit.jupiter.api.condition.EnabledOnOs;
import org.mpm4j.examples.servers.HostedServerContract;

/// Its native library is for one architecture.
@EnabledOnOs(architectures = "amd64")
final class NettyEpollIT extends HostedServerContract {
  NettyEpollIT() {
    super(NettyEpollServer.class);
  }
}
