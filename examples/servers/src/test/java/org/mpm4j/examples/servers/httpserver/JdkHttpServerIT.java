package org.mpm4j.examples.servers.httpserver;

import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.examples.servers.HostedServerContract;

final class JdkHttpServerIT extends HostedServerContract {
  JdkHttpServerIT() {
    super(JdkHttpServer.class);
  }

  @Override
  protected MpmConfigBuilder config() {
    return super.config()
        .childJvmOption("--add-opens=jdk.httpserver/sun.net.httpserver=ALL-UNNAMED");
  }

  @Override
  protected boolean reportsConnections() {
    return false;
  }
}
