package org.mpm4j.comparison.servers;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.server.handlers.resource.PathResourceManager;
import io.undertow.server.handlers.resource.ResourceHandler;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import org.xnio.Options;

/// Undertow: one I/O thread, and workers for what blocks.
public final class UndertowServer {
  private UndertowServer() {}

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) {
    ServerArguments arguments = ServerArguments.of(args);
    HttpHandler files =
        new ResourceHandler(new PathResourceManager(arguments.folder(), /* transferMinSize= */ 0));
    PathHandler pages =
        new PathHandler(files)
            .addExactPath(Answers.HELLO, exchange -> send(exchange, Answers.hello()))
            .addExactPath(Answers.SLEEP, exchange -> exchange.dispatch(UndertowServer::sleep))
            .addExactPath(
                Answers.ECHO,
                exchange -> exchange.getRequestReceiver().receiveFullBytes(UndertowServer::send));
    Undertow.builder()
        .setIoThreads(1)
        .setWorkerThreads(arguments.threads())
        .setSocketOption(Options.BACKLOG, ServerArguments.BACKLOG)
        .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
        .addHttpListener(arguments.port(), ServerArguments.HOST, pages)
        .build()
        .start();
  }

  private static void sleep(HttpServerExchange exchange) throws InterruptedException {
    Answers.block();
    send(exchange, Answers.hello());
  }

  private static void send(HttpServerExchange exchange, byte[] body) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Answers.TEXT);
    exchange.getResponseSender().send(ByteBuffer.wrap(body));
  }
}
