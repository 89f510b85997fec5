package org.mpm4j.impl.contract;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/// A client whose every wait has an end.
final class SocketClient implements AutoCloseable {
  /// What [#line()] says when the server has closed.
  static final String END = "<end of stream>";

  private static final int PATIENCE_MILLIS = 90_000;

  final Socket socket = new Socket();
  private final InputStream in;

  SocketClient(SocketAddress address) throws IOException {
    this(address, 0);
  }

  SocketClient(SocketAddress address, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect((InetSocketAddress) address, PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b; (b = in.read()) != '\n'; ) {
      if (b < 0) {
        return END;
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  byte[] bytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  String ask(String command) throws IOException {
    send(command + "\n");
    return line();
  }

  /// Whether the server closes without another byte, however it closes.
  boolean ended() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException _) {
      return true;
    }
  }

  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
