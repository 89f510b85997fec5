package hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

/// A program on the JDK's HTTP server API: nothing in it is of mpm4j.
public final class HelloHttp {
  private HelloHttp() {}

  /// Serves until the process ends.
  public static void main(String[] args) throws Exception {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 7000;
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext(
        "/",
        exchange -> {
          String name = exchange.getRequestURI().getPath().substring(1);
          byte[] body = ("Hello, " + name + ", from " + server.getClass() + "\n").getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    System.out.println("ready: " + server.getAddress());
  }
}
