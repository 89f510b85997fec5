package org.mpm4j.examples.sockets;

import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.HttpProcessors;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnectionFactory;
import org.apache.hc.core5.http.impl.io.HttpService;
import org.apache.hc.core5.http.io.HttpServerRequestHandler.ResponseTrigger;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.mpm4j.ChildContext;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;

/// Apache HttpCore's classic HTTP/1.1 server, plain or over TLS on the same port. The key is what
/// `javax.net.ssl.keyStore` names, as `ChildJvmOption -Djavax.net.ssl.keyStore=FILE`.
public final class HttpCoreServer implements ServerApplication {
  private static final byte TLS_HANDSHAKE = 0x16; // RFC 8446, 5.1
  private static final int MOST_BYTES = 1 << 20;

  @Override
  public ConnectionHandler open(ChildContext child) throws Exception {
    SSLContext tls = SSLContext.getDefault();
    var connections = DefaultBHttpServerConnectionFactory.builder().build();
    HttpService service =
        new HttpService(
            HttpProcessors.server("mpm4j"),
            (request, responses, _) -> answer(child, request, responses));
    return connection -> {
      try (DefaultBHttpServerConnection http = accept(connections, connection, tls)) {
        while (http.isOpen() && !child.draining()) {
          service.handleRequest(http, HttpCoreContext.create());
        }
      }
      return Disposition.CLOSE;
    };
  }

  /// Looks at the first byte, which the socket reads again.
  private static DefaultBHttpServerConnection accept(
      DefaultBHttpServerConnectionFactory connections, Connection connection, SSLContext tls)
      throws IOException {
    byte first = connection.input().get(connection.input().position());
    Socket socket = connection.socket();
    if (first != TLS_HANDSHAKE) {
      return connections.createConnection(socket);
    }
    SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, null, true);
    secured.setUseClientMode(false);
    return connections.createConnection(secured, socket);
  }

  private static void answer(
      ChildContext child, ClassicHttpRequest request, ResponseTrigger responses)
      throws IOException, HttpException {
    BasicClassicHttpResponse response = new BasicClassicHttpResponse(200);
    HttpEntity body = request.getEntity();
    response.setEntity(
        body == null
            ? new StringEntity("Hello from child " + child.slot())
            : new ByteArrayEntity(
                EntityUtils.toByteArray(body, MOST_BYTES), ContentType.TEXT_PLAIN));
    responses.submitResponse(response);
  }

  /// Serves until it is killed.
  ///
  /// @param args none
  /// @throws Exception if the server cannot start
  public static void main(String... args) throws Exception {
    try (Mpm mpm =
        Mpm.start(MpmConfig.worker().listen("127.0.0.1:7008").build(), HttpCoreServer.class)) {
      mpm.join();
    }
  }
}
