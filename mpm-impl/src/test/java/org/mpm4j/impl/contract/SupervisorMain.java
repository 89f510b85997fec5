package org.mpm4j.impl.contract;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import org.mpm4j.ChildApplication;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.MpmOptions;
import org.mpm4j.ProcessModel;

/// A server in a JVM of its own, for a test that stops or kills it; see [SupervisorProcess].
public final class SupervisorMain {
  private SupervisorMain() {}

  /// Prints every event, then the port in a line of its own, and does what each line of standard
  /// input says until it is stopped or killed.
  ///
  /// @param args the name of the process model, `GracefulShutdownTimeout` in seconds, and the class
  ///   that serves
  public static void main(String[] args) throws Exception {
    MpmConfigBuilder config =
        ForkedServers.fixed(ProcessModel.valueOf(args[0]), 2)
            .heartbeatTimeout(Duration.ofSeconds(3))
            .childStartTimeout(Duration.ofSeconds(60))
            .gracefulShutdownTimeout(Duration.ofSeconds(Integer.parseInt(args[1])));
    MpmOptions options =
        MpmOptions.none().withListener(event -> System.out.println("event " + event)).withSignals();
    try (Mpm mpm = Mpm.start(config.build(), application(args[2]), options)) {
      InetSocketAddress address = (InetSocketAddress) mpm.addresses().getFirst();
      System.out.println("port " + address.getPort());
      Thread.ofPlatform().daemon().start(() -> obey(mpm));
      mpm.join();
    }
  }

  private static Class<? extends ChildApplication> application(String name) throws Exception {
    return Class.forName(name).asSubclass(ChildApplication.class);
  }

  private static void obey(Mpm mpm) {
    try (BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String command; (command = commands.readLine()) != null; ) {
        switch (command) {
          case "reload" -> System.out.println(mpm.reload());
          case "ages" -> System.out.println("ages " + ages(mpm));
          default -> throw new IllegalArgumentException(command);
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String ages(Mpm mpm) {
    return mpm.status().children().stream()
        .map(child -> Long.toString(child.age().toMillis()))
        .collect(Collectors.joining(" "));
  }
}
