package org.mpm4j.examples.echo;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mpm4j.ChildContext;
import org.mpm4j.Connection;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Disposition;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ServerApplication;

/// Sends back whatever it receives. Try it with `nc 127.0.0.1 7007`.
public final class EchoServer implements ServerApplication {
  @Override
  public ConnectionHandler open(ChildContext child) {
    return EchoServer::echo;
  }

  /// Copies what there is room for. A client that sends but does not read fills the room, and is
  /// then not read from either until it has taken what it was sent: it holds no thread meanwhile.
  private static Disposition echo(Connection connection) throws IOException {
    ByteBuffer input = connection.input();
    ByteBuffer output = connection.output();
    int count = Math.min(input.remaining(), output.remaining());
    output.put(input.slice(input.position(), count));
    input.position(input.position() + count);
    return input.hasRemaining() ? Disposition.AWAIT_WRITABLE : Disposition.KEEP_ALIVE;
  }

  /// Serves until it is killed.
  ///
  /// @param args the address to listen to, `127.0.0.1:7007` unless given
  /// @throws Exception if the server cannot start
  public static void main(String... args) throws Exception {
    String address = args.length > 0 ? args[0] : "127.0.0.1:7007";
    MpmConfig config = MpmConfig.event().listen(address).maxKeepAliveRequests(0).build();
    try (Mpm mpm = Mpm.start(config, EchoServer.class)) {
      mpm.join();
    }
  }
}
