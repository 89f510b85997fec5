package org.mpm4j.comparison.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/// What every server here is started with.
///
/// @param port where it listens, on 127.0.0.1
/// @param threads how many requests may block at a time
/// @param folder where its files are
public record ServerArguments(int port, int threads, Path folder) {
  /// The name of the address that every server listens on.
  public static final String HOST = "127.0.0.1";

  /// How many connections may wait to be accepted, where the server lets this be chosen.
  public static final int BACKLOG = 4096;

  /// The command line that [#of] reads.
  public List<String> toList() {
    return List.of(Integer.toString(port), Integer.toString(threads), folder.toString());
  }

  /// Reads the arguments of `main`, and from then on ends this process when its standard input
  /// ends: a server does not outlive the runner, however that ends.
  static ServerArguments of(String... args) {
    if (args.length < 3) {
      throw new IllegalArgumentException("expected: port, threads, folder of the files");
    }
    Thread.ofPlatform().daemon().name("parent-watch").start(ServerArguments::endWithInput);
    return new ServerArguments(
        Integer.parseInt(args[0]), Integer.parseInt(args[1]), Path.of(args[2]));
  }

  @SuppressWarnings("SystemExitOutsideMain") // this is what the thread is for
  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {
        // nobody writes
      }
    } catch (IOException _) {
      // as if it had ended
    }
    Runtime.getRuntime().halt(0);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
