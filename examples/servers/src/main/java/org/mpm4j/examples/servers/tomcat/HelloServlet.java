package org.mpm4j.examples.servers.tomcat;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.mpm4j.ServerContext;
import org.mpm4j.examples.servers.Answers;

/// The servlet of these examples.
public final class HelloServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient ServerContext server;

  /// @param server which child this is
  public HelloServlet(ServerContext server) {
    this.server = server;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      response.getWriter().println(Answers.to(server, request.getRequestURI()));
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException().initCause(e);
    }
  }
}
