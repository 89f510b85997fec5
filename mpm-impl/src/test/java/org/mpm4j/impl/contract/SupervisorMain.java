package org.mpm4j.impl.contract;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.stream.Collectors;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;

/// A server in a JVM of its own, for a test that kills it.
public final class SupervisorMain {
  private SupervisorMain() {}

  /// Prints the port and the children's pids in one line, and serves until it is killed.
  ///
  /// @param args the name of the process model
  public static void main(String[] args) throws Exception {
    MpmConfig config =
        SupervisorIT.config(ProcessModel.valueOf(args[0]), 2)
            .gracefulShutdownTimeout(Duration.ofSeconds(1))
            .build();
    try (Mpm mpm = Mpm.start(config, CommandServer.class)) {
      InetSocketAddress address = (InetSocketAddress) mpm.addresses().getFirst();
      String pids = mpm.children().stream().map(String::valueOf).collect(Collectors.joining(" "));
      System.out.println(address.getPort() + " " + pids);
      mpm.join();
    }
  }
}
