package org.mpm4j.comparison.servers;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;

/// Helidon WebServer: a virtual thread for each connection.
public final class HelidonServer {
  private HelidonServer() {}

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) {
    ServerArguments arguments = ServerArguments.of(args);
    WebServer.builder()
        .host(ServerArguments.HOST)
        .port(arguments.port())
        .backlog(ServerArguments.BACKLOG)
        .shutdownHook(false)
        .connectionOptions(options -> options.tcpNoDelay(true))
        .routing(routing -> route(routing, arguments))
        .build()
        .start();
  }

  private static void route(HttpRouting.Builder routing, ServerArguments arguments) {
    Semaphore blocking = new Semaphore(arguments.threads());
    Path file = arguments.folder().resolve(Answers.FILE.substring(1));
    routing
        .get(Answers.HELLO, (_, response) -> send(response, Answers.hello()))
        .get(
            Answers.SLEEP,
            (_, response) -> {
              blocking.acquire();
              try {
                Answers.block();
              } finally {
                blocking.release();
              }
              send(response, Answers.hello());
            })
        .post(
            Answers.ECHO,
            (request, response) -> {
              try (InputStream body = request.content().inputStream()) {
                send(response, body.readAllBytes());
              }
            })
        .get(
            Answers.FILE,
            (_, response) -> {
              response.header(HeaderNames.CONTENT_TYPE, Answers.BINARY);
              response.contentLength(Files.size(file));
              try (OutputStream out = response.outputStream()) {
                Files.copy(file, out);
              }
            });
  }

  private static void send(ServerResponse response, byte[] body) {
    response.header(HeaderValues.CONTENT_TYPE_TEXT_PLAIN);
    response.send(body);
  }
}
