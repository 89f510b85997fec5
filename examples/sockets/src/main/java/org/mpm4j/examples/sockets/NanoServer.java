package org.mpm4j.examples.sockets;

import fi.iki.elonen.NanoHTTPD;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;
import org.mpm4j.SocketHandler;

/// NanoHTTPD's handler of one client, without its listener and its threads.
public final class NanoServer implements ServerApplication {
  private static final class Site extends NanoHTTPD {
    private final int slot;

    Site(int slot) {
      super(0);
      this.slot = slot;
    }

    /// Serves a client to its end.
    void talk(Socket socket) throws IOException {
      socket.setSoTimeout(SOCKET_READ_TIMEOUT); // as its listener does
      createClientHandler(socket, socket.getInputStream()).run();
    }

    @Override
    public Response serve(IHTTPSession session) {
      if (session.getMethod() != Method.POST) {
        return newFixedLengthResponse("Hello from child " + slot);
      }
      Map<String, String> body = new HashMap<>();
      try {
        session.parseBody(body);
      } catch (IOException | ResponseException e) {
        return newFixedLengthResponse(
            Response.Status.BAD_REQUEST, MIME_PLAINTEXT, String.valueOf(e.getMessage()));
      }
      return newFixedLengthResponse(body.getOrDefault("postData", ""));
    }
  }

  @Override
  public ConnectionHandler open(ChildContext child) {
    Site site = new Site(child.slot());
    return (SocketHandler) site::talk;
  }

  /// Serves until it is killed.
  ///
  /// @param args none
  /// @throws Exception if the server cannot start
  public static void main(String... args) throws Exception {
    try (Mpm mpm =
        Mpm.start(MpmConfig.worker().listen("127.0.0.1:7009").build(), NanoServer.class)) {
      mpm.join();
    }
  }
}
