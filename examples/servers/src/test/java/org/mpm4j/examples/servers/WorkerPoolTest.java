package org.mpm4j.examples.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.WorkerPool;
import org.mpm4j.examples.servers.executors.JettyWorkers;

/// The worker pool under servers that take an executor.
@Timeout(120)
final class WorkerPoolTest {
  private static final int REQUESTS_AT_ONCE = 4;

  private final CyclicBarrier together = new CyclicBarrier(REQUESTS_AT_ONCE);

  @TempDir Path directory;

  private static WorkerPool pool(int threads) {
    return WorkerPool.builder().maxThreads(threads).threadNamePrefix("http-").build();
  }

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /// What a server answers: its thread. For `/together` it first waits until as many requests are
  /// in progress as there may be.
  private String answer(String path) throws IOException {
    if (path.equals("/together")) {
      try {
        together.await(60, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new IOException("not all requests are in progress: " + together, e);
      }
    }
    return Thread.currentThread().getName();
  }

  private static void assertServes(WorkerPool workers, int port) throws IOException {
    for (int i = 0; i < 20; i++) {
      try (HttpConnection connection = new HttpConnection(local(port))) {
        assertAnsweredBy(connection.get("/"));
        assertAnsweredBy(connection.get("/"));
      }
    }
    List<HttpConnection> connections = new ArrayList<>();
    for (int i = 0; i < REQUESTS_AT_ONCE; i++) {
      HttpConnection connection = new HttpConnection(local(port));
      connections.add(connection);
      connection.send("/together");
    }
    for (HttpConnection connection : connections) {
      assertAnsweredBy(connection.answer());
      connection.close();
    }
    assertTrue(workers.threads() >= REQUESTS_AT_ONCE, workers.toString());
    assertTrue(workers.threads() <= workers.maxThreads(), workers.toString());
  }

  private static void assertAnsweredBy(String thread) {
    assertTrue(thread.startsWith("http-"), thread);
  }

  @Test
  void servesTheJdksHttpServer() throws Exception {
    HttpServer server = HttpServer.create(local(0), 0);
    try (WorkerPool workers = pool(REQUESTS_AT_ONCE)) {
      assertEquals(2, workers.threads());
      server.setExecutor(workers);
      server.createContext(
          "/",
          exchange -> {
            byte[] name =
                answer(exchange.getRequestURI().getPath()).getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, name.length);
            exchange.getResponseBody().write(name);
            exchange.close();
          });
      server.start();
      assertServes(workers, server.getAddress().getPort());
    } finally {
      server.stop(0);
    }
  }

  /// An acceptor and a selector have a thread each, so what is left is one for each request.
  @Test
  void servesJetty() throws Exception {
    try (WorkerPool workers = pool(REQUESTS_AT_ONCE + 2)) {
      Server jetty = jetty(workers);
      jetty.start();
      try {
        assertServes(workers, jetty.getURI().getPort());
      } finally {
        jetty.stop();
      }
    }
  }

  @Test
  void jettyRefusesAPoolWithoutThreadsForRequests() throws Exception {
    try (WorkerPool workers = pool(2)) {
      Server jetty = jetty(workers);
      IllegalStateException refused = assertThrows(IllegalStateException.class, jetty::start);
      jetty.stop();
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("Insufficient"), message);
    }
  }

  private Server jetty(WorkerPool workers) {
    Server jetty = new Server(new JettyWorkers(workers));
    ServerConnector connector = new ServerConnector(jetty, 1, 1);
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    jetty.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            Content.Sink.write(response, true, answer(Request.getPathInContext(request)), callback);
            return true;
          }
        });
    return jetty;
  }

  /// Tomcat's acceptor and poller have threads of their own.
  @Test
  void servesTomcat() throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(directory.toString());
    Connector connector = new Connector();
    connector.setProperty("address", "127.0.0.1");
    connector.setPort(0);
    tomcat.getService().addConnector(connector);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "threads", new Threads(this)).addMapping("/");
    try (WorkerPool workers = pool(REQUESTS_AT_ONCE)) {
      connector.getProtocolHandler().setExecutor(workers);
      tomcat.start();
      try {
        assertServes(workers, connector.getLocalPort());
      } finally {
        tomcat.stop();
        tomcat.destroy();
      }
    }
  }

  private static final class Threads extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient WorkerPoolTest test;

    Threads(WorkerPoolTest test) {
      this.test = test;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getWriter().print(test.answer(request.getRequestURI()));
    }
  }
}
