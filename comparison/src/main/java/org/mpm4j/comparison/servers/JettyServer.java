package org.mpm4j.comparison.servers;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// Jetty's core server: one acceptor, one selector, and the pool.
public final class JettyServer {
  private static final int OWN_THREADS = 2; // the acceptor and the selector

  private JettyServer() {}

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) throws Exception {
    ServerArguments arguments = ServerArguments.of(args);
    Server server = new Server(new QueuedThreadPool(arguments.threads() + OWN_THREADS));
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(true);
    http.setSendDateHeader(true);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(ServerArguments.HOST);
    connector.setPort(arguments.port());
    connector.setAcceptQueueSize(ServerArguments.BACKLOG);
    connector.setIdleTimeout(60_000);
    server.addConnector(connector);
    ResourceHandler files = new ResourceHandler();
    files.setBaseResource(ResourceFactory.of(files).newResource(arguments.folder()));
    server.setHandler(new Handler.Sequence(new Pages(), files));
    server.start();
    server.join();
  }

  private static final class Pages extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      switch (request.getHttpURI().getPath()) {
        case Answers.HELLO -> send(response, Answers.hello(), callback);
        case Answers.SLEEP -> {
          Answers.block();
          send(response, Answers.hello(), callback);
        }
        case Answers.ECHO -> {
          ByteBuffer body = Content.Source.asByteBuffer(request);
          byte[] bytes = new byte[body.remaining()];
          body.get(bytes);
          send(response, bytes, callback);
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    private static void send(Response response, byte[] body, Callback callback) {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, Answers.TEXT);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
      response.write(true, ByteBuffer.wrap(body), callback);
    }
  }
}
