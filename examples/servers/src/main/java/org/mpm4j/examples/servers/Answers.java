package org.mpm4j.examples.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import org.mpm4j.ServerContext;

/// What the servers of this module answer, so that they can be compared.
public final class Answers {
  private static final String AWAIT = "/await";

  private Answers() {}

  /// Answers a request: `PID SLOT GENERATION`. For `/await/FILE` it first waits until the file
  /// exists, which keeps the calling thread busy.
  ///
  /// @param server which child this is
  /// @param path of the request
  /// @return one line, without its end
  /// @throws InterruptedException if the thread is interrupted
  public static String to(ServerContext server, String path) throws InterruptedException {
    if (path.startsWith(AWAIT)) {
      Path file = Path.of(path.substring(AWAIT.length()));
      while (Files.notExists(file)) {
        Thread.sleep(5); // between two looks
      }
    }
    return ProcessHandle.current().pid() + " " + server.slot() + " " + server.generation();
  }
}
