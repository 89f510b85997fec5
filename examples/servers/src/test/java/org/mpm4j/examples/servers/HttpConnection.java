package org.mpm4j.examples.servers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A client's connection whose every wait has an end.
final class HttpConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 90_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private boolean kept = true;

  HttpConnection(InetSocketAddress address) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(address, PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /// Asks and waits for the answer.
  ///
  /// @return what follows the head, without spaces at its ends
  /// @throws IOException if the answer is not 200
  String get(String path) throws IOException {
    send(path);
    return answer();
  }

  void send(String path) throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  /// Waits for the answer to what was sent.
  String answer() throws IOException {
    String status = line();
    int length = 0;
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String header = line.toLowerCase(Locale.ROOT).replace(" ", "");
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()));
      }
      chunked |= header.equals("transfer-encoding:chunked");
      kept &= !header.equals("connection:close");
    }
    String body = chunked ? chunks() : text(length);
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(status + ": " + body);
    }
    return body.strip();
  }

  private String chunks() throws IOException {
    StringBuilder body = new StringBuilder();
    int length;
    do {
      length = Integer.parseInt(line(), 16);
      body.append(text(length));
      String end = line();
      if (!end.isEmpty()) {
        throw new IOException("no end of chunk: " + end);
      }
    } while (length > 0);
    return body.toString();
  }

  private String text(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException(bytes.length + " bytes of " + length);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b; (b = in.read()) != '\n'; ) {
      if (b < 0) {
        throw new EOFException(line.size() == 0 ? "end of stream" : "end of stream in a line");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  /// Whether the server has not said that the connection ends.
  boolean kept() {
    return kept;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
