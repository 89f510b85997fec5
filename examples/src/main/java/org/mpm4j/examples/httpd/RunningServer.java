package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.mpm4j.ctl.ControlClient;
import org.mpm4j.ctl.ControlReply;
import org.mpm4j.ctl.NotRunningException;

/// The server that may be running with the same configuration: what `-k` acts on.
final class RunningServer {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int FAILED = 1;

  private final Path socket;
  private final ControlClient control;
  private final PrintStream err;

  /// Finds it by its control socket.
  RunningServer(Path socket, PrintStream err) {
    this.socket = socket;
    this.control = new ControlClient(socket);
    this.err = err;
  }

  /// Whether it is running; says so.
  boolean noteRunning() {
    ControlReply reply;
    try {
      reply = control.send("status", PATIENCE, _ -> {});
    } catch (NotRunningException _) {
      return false;
    } catch (IOException e) {
      err.println("mpm-httpd: " + e.getMessage());
      return true; // somebody is there
    }
    String pid =
        reply.data().stream()
            .filter(line -> line.startsWith("pid "))
            .findFirst()
            .orElse("pid unknown");
    err.println("mpm-httpd (" + pid + ") already running");
    return true;
  }

  /// Sends it a command and waits until that is done, however long it takes.
  ///
  /// @return the exit status, or nothing if it is not running, which is said
  OptionalInt tell(String command) {
    try {
      ControlReply reply = control.send(command, null, err::println);
      err.println("mpm-httpd: " + reply.text());
      return OptionalInt.of(reply.ok() ? 0 : FAILED);
    } catch (NotRunningException _) {
      err.println("mpm-httpd (" + socket + ") not running");
      return OptionalInt.empty();
    } catch (IOException e) {
      err.println("mpm-httpd: " + e.getMessage());
      return OptionalInt.of(FAILED);
    }
  }
}
