package org.mpm4j.comparison;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The bytes of one answer.
///
/// @param length of head and body
/// @param head its lines, the status line first
/// @param body as text
record RawAnswer(int length, List<String> head, String body) {
  private static final int PATIENCE_MILLIS = 10_000;

  RawAnswer {
    head = List.copyOf(head);
  }

  /// Sends one request on a connection of its own that stays open until the answer is complete.
  static RawAnswer ask(int port, String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      StringBuilder text = new StringBuilder();
      InputStream in = socket.getInputStream();
      while (!isComplete(text.toString())) {
        int b = in.read();
        if (b < 0) {
          throw new IOException("the connection ended after \"" + text + "\"");
        }
        text.append((char) b);
      }
      return parse(text.toString());
    }
  }

  private static boolean isComplete(String text) {
    int end = text.indexOf("\r\n\r\n");
    return end >= 0 && text.length() >= end + 4 + contentLength(text.substring(0, end));
  }

  private static int contentLength(String head) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
        .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
        .findFirst()
        .orElse(0);
  }

  /// Takes an answer apart.
  static RawAnswer parse(String text) {
    int end = text.indexOf("\r\n\r\n");
    return new RawAnswer(
        text.length(), text.substring(0, end).lines().toList(), text.substring(end + 4));
  }

  boolean isHello() {
    return head.getFirst().matches("HTTP/1\\.1 200( .*)?") && body.equals("Hello, World!");
  }
}
