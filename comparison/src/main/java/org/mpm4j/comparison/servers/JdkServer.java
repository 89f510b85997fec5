package org.mpm4j.comparison.servers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// The JDK's `HttpServer`, with a fixed pool of threads or with a virtual thread for each request.
///
/// Two of its defaults are for few clients: it would delay small answers (TCP_NODELAY is off) and
/// close all but 200 idle connections. Both are set otherwise. It closes a connection when it is
/// asked to, but does not say so, which load generators take for an error; here it says so.
public final class JdkServer {
  private JdkServer() {}

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them, then `pool` or `virtual`
  public static void main(String... args) throws IOException {
    ServerArguments arguments = ServerArguments.of(args);
    boolean virtual = args[3].equals("virtual");
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "20000");
    System.setProperty("sun.net.httpserver.idleInterval", "60");
    HttpServer server = HttpServer.create(arguments.address(), ServerArguments.BACKLOG);
    server.setExecutor(
        virtual
            ? Executors.newVirtualThreadPerTaskExecutor()
            : Executors.newFixedThreadPool(arguments.threads()));
    Semaphore blocking = new Semaphore(arguments.threads());
    Path file = arguments.folder().resolve(Answers.FILE.substring(1));
    server.createContext(Answers.HELLO, exchange -> send(exchange, Answers.hello()));
    server.createContext(
        Answers.SLEEP,
        exchange -> {
          block(blocking);
          send(exchange, Answers.hello());
        });
    server.createContext(
        Answers.ECHO, exchange -> send(exchange, exchange.getRequestBody().readAllBytes()));
    server.createContext(
        Answers.FILE,
        exchange -> {
          describe(exchange, Answers.BINARY);
          exchange.sendResponseHeaders(200, Files.size(file));
          Files.copy(file, exchange.getResponseBody());
          exchange.close();
        });
    server.start();
  }

  private static void block(Semaphore blocking) throws IOException {
    try {
      blocking.acquire();
      try {
        Answers.block();
      } finally {
        blocking.release();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void describe(HttpExchange exchange, String type) {
    exchange.getResponseHeaders().set("Content-Type", type);
    if ("close".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Connection"))) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
  }

  private static void send(HttpExchange exchange, byte[] body) throws IOException {
    describe(exchange, Answers.TEXT);
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
