package org.mpm4j.comparison.servers;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;

/// Tomcat, embedded: its NIO connector, a servlet, and its default servlet for files.
///
/// Its limits of 8,192 connections and 100 requests on a connection are lifted.
public final class TomcatServer {
  private TomcatServer() {}

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) throws IOException, LifecycleException {
    ServerArguments arguments = ServerArguments.of(args);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    Connector connector = new Connector("HTTP/1.1");
    connector.setPort(arguments.port());
    connector.setProperty("address", ServerArguments.HOST);
    connector.setProperty("maxThreads", Integer.toString(arguments.threads()));
    connector.setProperty("minSpareThreads", Integer.toString(arguments.threads()));
    connector.setProperty("maxConnections", "20000");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty("keepAliveTimeout", "60000");
    connector.setProperty("acceptCount", Integer.toString(ServerArguments.BACKLOG));
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", arguments.folder().toAbsolutePath().toString());
    Tomcat.addServlet(context, "pages", new Pages());
    Tomcat.addServlet(context, "files", new DefaultServlet());
    context.addServletMapping(Answers.HELLO, "pages");
    context.addServletMapping(Answers.SLEEP, "pages");
    context.addServletMapping(Answers.ECHO, "pages");
    context.addServletMapping("/", "files");
    tomcat.start();
    tomcat.getServer().await();
  }

  private static final class Pages extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getServletPath().equals(Answers.SLEEP)) {
        try {
          Answers.block();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
      send(response, Answers.hello());
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      send(response, request.getInputStream().readAllBytes());
    }

    private static void send(HttpServletResponse response, byte[] body) throws IOException {
      response.setContentType(Answers.TEXT);
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }
}
