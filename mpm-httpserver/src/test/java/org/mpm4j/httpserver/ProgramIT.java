package org.mpm4j.httpserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A program that knows the JDK alone, in a JVM of its own.
@Timeout(240)
final class ProgramIT {
  private static final String PROGRAM =
      """
      import com.sun.net.httpserver.HttpServer;
      import java.net.InetAddress;
      import java.net.InetSocketAddress;
      import java.net.Socket;

      public final class Program {
        public static void main(String[] args) throws Exception {
          HttpServer server =
              HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
          server.createContext("/", exchange -> {
            String text = server.getClass().getModule() + " on " + Thread.currentThread().getName();
            exchange.sendResponseHeaders(200, text.length());
            exchange.getResponseBody().write(text.getBytes());
            exchange.close();
          });
          server.start();
          // main ends, and the server keeps the JVM alive until it has answered
          Thread.ofVirtual().start(() -> {
            try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
              socket.getOutputStream()
                  .write("GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n".getBytes());
              System.out.println(new String(socket.getInputStream().readAllBytes()));
            } catch (Exception e) {
              e.printStackTrace();
            }
            server.stop(0);
          });
        }
      }
      """;

  @TempDir Path folder;

  ProgramIT() {
    folder = Path.of("");
  }

  private record Result(int status, String out) {}

  private Result run(String... options) throws Exception {
    Path source = Files.writeString(folder.resolve("Program.java"), PROGRAM);
    Path out = folder.resolve("out");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add(source.toString());
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      assertTrue(process.waitFor(90, TimeUnit.SECONDS), () -> "does not end: " + read(out));
      return new Result(process.exitValue(), read(out));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// The jar of this module and those that it needs.
  private static String jars() throws Exception {
    Path target = Path.of("target").toAbsolutePath();
    List<String> jars = new ArrayList<>(List.of(target.resolve("mpm-httpserver.jar").toString()));
    try (Stream<Path> libraries = Files.list(target.resolve("lib"))) {
      libraries.map(Path::toString).forEach(jars::add);
    }
    return String.join(File.pathSeparator, jars);
  }

  @Test
  void findsTheServerOnTheClassPath() throws Exception {
    Result result = run("--enable-native-access=ALL-UNNAMED", "-cp", jars());
    assertEquals(0, result.status, result.out);
    assertTrue(result.out.contains("unnamed module"), result.out);
    assertTrue(result.out.contains(" on mpm-event-"), result.out);
  }

  @Test
  void findsTheServerOnTheModulePath() throws Exception {
    Result result = run("--enable-native-access=org.mpm4j.impl", "-p", jars());
    assertEquals(0, result.status, result.out);
    assertTrue(result.out.contains("module org.mpm4j.httpserver on mpm-event-"), result.out);
  }

  @Test
  void leavesTheJdksOwnToThoseWhoAskForIt() throws Exception {
    Result result =
        run(
            "-Dcom.sun.net.httpserver.HttpServerProvider="
                + "sun.net.httpserver.DefaultHttpServerProvider",
            "-cp",
            jars());
    assertEquals(0, result.status, result.out);
    assertTrue(result.out.contains("module jdk.httpserver on HTTP-Dispatcher"), result.out);
  }
}
