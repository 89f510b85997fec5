package org.mpm4j.examples.servers.tomcat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;

/// Reports each request of Tomcat, and tells clients of a draining child that their connections
/// end. It is an access log because Tomcat calls that when an answer was sent, of an asynchronous
/// request too.
public final class ReportingValve extends ValveBase implements AccessLog {
  private static final String EXCHANGE = ServerLoad.Exchange.class.getName();

  private final ServerContext server;

  /// @param server where to report
  public ReportingValve(ServerContext server) {
    super(true); // asynchronous requests may pass
    this.server = server;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    ServerLoad.Exchange exchange =
        server
            .load()
            .begin(new InetSocketAddress(request.getRemoteAddr(), request.getRemotePort()));
    request.setAttribute(EXCHANGE, exchange);
    String query = request.getQueryString();
    exchange.describe(
        request.getMethod() + " " + request.getRequestURI() + (query == null ? "" : "?" + query));
    endIfDraining(response);
    getNext().invoke(request, response);
    endIfDraining(response); // it may have begun meanwhile
  }

  private void endIfDraining(Response response) {
    if (server.draining() && !response.isCommitted()) {
      response.setHeader("Connection", "close");
    }
  }

  @Override
  public void log(Request request, Response response, long nanos) {
    if (request.getAttribute(EXCHANGE) instanceof ServerLoad.Exchange exchange) {
      exchange.sent(response.getBytesWritten(false));
      exchange.close();
    }
  }

  @Override
  public void setRequestAttributesEnabled(boolean enabled) {}

  @Override
  public boolean getRequestAttributesEnabled() {
    return false;
  }
}
