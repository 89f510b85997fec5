package org.mpm4j.httpserver;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A client that sends exactly what it is told to, and reads one response after another.
final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 90_000;

  private final Socket socket;
  private final InputStream in;

  /// @param fields by their names in lower case; repeated ones joined by a comma
  record Response(int status, Map<String, String> fields, String body) {
    /// What does not depend on the moment or the server, in one line.
    String visible() {
      Map<String, String> same = new TreeMap<>(fields);
      same.keySet().removeAll(List.of("date", "server"));
      return status + " " + same + " " + body;
    }

    String field(String name) {
      return fields.getOrDefault(name, "");
    }
  }

  RawClient(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  RawClient(HttpServer server) throws IOException {
    this(server.getAddress());
  }

  RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /// A request without a body, with `fields` as complete lines.
  RawClient request(String method, String path, String fields) throws IOException {
    return send(method + " " + path + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
  }

  RawClient get(String path) throws IOException {
    return request("GET", path, "");
  }

  RawClient post(String path, String body) throws IOException {
    return send(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: here\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /// Reads a response to anything but HEAD.
  Response response() throws IOException {
    return response(false);
  }

  Response response(boolean headOnly) throws IOException {
    String statusLine = line();
    if (!statusLine.startsWith("HTTP/1.1 ")) {
      throw new IOException("not a status line: " + statusLine);
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    Map<String, String> fields = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      fields.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip(),
          (a, b) -> a + ", " + b);
    }
    return new Response(status, fields, headOnly ? "" : body(status, fields));
  }

  private String body(int status, Map<String, String> fields) throws IOException {
    if (status < 200 || status == 204 || status == 304) {
      return "";
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (fields.getOrDefault("transfer-encoding", "").equals("chunked")) {
      while (true) {
        int size = Integer.parseInt(line(), 16);
        body.write(exactly(size));
        line();
        if (size == 0) {
          break;
        }
      }
    } else if (fields.containsKey("content-length")) {
      body.write(exactly(Integer.parseInt(fields.get("content-length"))));
    } else {
      in.transferTo(body);
    }
    return body.toString(StandardCharsets.ISO_8859_1);
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("only " + bytes.length + " of " + count + " bytes");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("ended after: " + line);
      } else if (c == '\n') {
        return line.toString();
      } else if (c != '\r') {
        line.append((char) c);
      }
    }
  }

  /// What comes up to the end of `mark`, as it is.
  String until(String mark) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.indexOf(mark) < 0) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("ended after: " + seen);
      }
      seen.append((char) c);
    }
    return seen.toString();
  }

  /// Whether the server closes the connection without another byte; waits for it.
  boolean ended() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException _) {
      return true; // reset
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
