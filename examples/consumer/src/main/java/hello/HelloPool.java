package hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import org.mpm4j.WorkerPool;

/// A pool of its own, without any children, for a server that takes an executor.
public final class HelloPool {
  private HelloPool() {}

  /// Serves until the process ends.
  public static void main(String[] args) throws Exception {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 7000;
    WorkerPool workers =
        WorkerPool.builder()
            .minSpareThreads(5)
            .maxThreads(50)
            .queueCapacity(100)
            .threadNamePrefix("greeter-")
            .build();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.setExecutor(workers);
    server.createContext(
        "/",
        exchange -> {
          String name = exchange.getRequestURI().getPath().substring(1);
          String greeting = "Hello, " + name + ", from " + Thread.currentThread().getName() + "\n";
          byte[] body = greeting.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    System.out.println("ready: " + server.getAddress());
  }
}
