package org.mpm4j.comparison.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.microhttp.EventLoop;
import org.microhttp.Handler;
import org.microhttp.Header;
import org.microhttp.NoopLogger;
import org.microhttp.OptionsBuilder;
import org.microhttp.Request;
import org.microhttp.Response;

/// microhttp: a thread that accepts and one event loop. It sends no files, so the file is kept in
/// memory. It closes a connection when it is asked to, but does not say so, which load generators
/// take for an error; here it says so.
public final class MicrohttpServer implements Handler {
  private final ExecutorService blocking;
  private final byte[] file;

  private MicrohttpServer(ExecutorService blocking, byte[] file) {
    this.blocking = blocking;
    this.file = file;
  }

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) throws IOException, InterruptedException {
    ServerArguments arguments = ServerArguments.of(args);
    byte[] file = Files.readAllBytes(arguments.folder().resolve(Answers.FILE.substring(1)));
    EventLoop loop =
        new EventLoop(
            OptionsBuilder.newBuilder()
                .withHost(ServerArguments.HOST)
                .withPort(arguments.port())
                .withAcceptLength(ServerArguments.BACKLOG)
                .withConcurrency(1)
                .build(),
            NoopLogger.instance(),
            new MicrohttpServer(Executors.newFixedThreadPool(arguments.threads()), file));
    loop.start();
    loop.join();
  }

  @Override
  public void handle(Request request, Consumer<Response> callback) {
    switch (Answers.path(request.uri())) {
      case Answers.HELLO -> callback.accept(answer(request, Answers.TEXT, Answers.hello()));
      case Answers.SLEEP -> blocking.execute(() -> sleep(request, callback));
      case Answers.ECHO -> callback.accept(answer(request, Answers.TEXT, request.body()));
      case Answers.FILE -> callback.accept(answer(request, Answers.BINARY, file));
      default -> callback.accept(new Response(404, "Not Found", List.of(), new byte[0]));
    }
  }

  private static void sleep(Request request, Consumer<Response> callback) {
    try {
      Answers.block();
      callback.accept(answer(request, Answers.TEXT, Answers.hello()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static Response answer(Request request, String type, byte[] body) {
    List<Header> head = new ArrayList<>();
    head.add(new Header("Date", Answers.date()));
    head.add(new Header("Content-Type", type));
    if (request.hasHeader("Connection", "close")) {
      head.add(new Header("Connection", "close"));
    }
    return new Response(200, "OK", head, body);
  }
}
