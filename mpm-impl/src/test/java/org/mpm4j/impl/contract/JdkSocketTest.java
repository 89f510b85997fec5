package org.mpm4j.impl.contract;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// The oracle: the contract is what the JDK's own sockets do.
final class JdkSocketTest extends SocketContract {
  private ServerSocket listener = unbound();

  private static ServerSocket unbound() {
    try {
      return new ServerSocket();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  InetSocketAddress listen() throws IOException {
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  @Override
  Socket accept() throws IOException {
    return listener.accept();
  }

  @Override
  void end() throws IOException {
    server.close();
    listener.close();
  }
}
