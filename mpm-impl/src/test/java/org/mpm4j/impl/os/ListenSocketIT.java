package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ListenSocketIT {
  private final Linux os = Linux.open();

  @TempDir Path directory;

  @Test
  void pathOfAnotherProcessIsRefusedWhileItLivesAndTakenOverWhenItWasKilled() throws Exception {
    Path path = directory.resolve("a.sock");
    Process server =
        new ProcessBuilder(ForkedJvm.command(Server.class, path.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
      assertEquals("listening", output.readLine());
      IOException e = assertThrows(IOException.class, () -> bind(path));
      assertEquals(
          "could not bind to " + path + ": another process is listening on it", e.getMessage());
    } finally {
      server.destroyForcibly();
    }
    assertEquals(128 + Signals.KILL, server.waitFor());
    assertTrue(Files.exists(path), "nobody removed it");
    try (ListenSocket socket = bind(path)) {
      assertEquals(UnixDomainSocketAddress.of(path), socket.localAddress());
    }
  }

  private ListenSocket bind(Path path) throws IOException {
    return ListenSocket.bind(os, UnixDomainSocketAddress.of(path), 8, false, 0, 0);
  }

  /// Another process.
  public static final class Server {
    private Server() {}

    /// Listens until it is killed.
    ///
    /// @param args the path
    public static void main(String[] args) throws Exception {
      try (ListenSocket _ =
          ListenSocket.bind(Linux.open(), UnixDomainSocketAddress.of(args[0]), 8, false, 0, 0)) {
        System.out.println("listening");
        Thread.currentThread().join();
      }
    }
  }
}
