package org.mpm4j.examples.httpd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Takes apart what a server sent, as strictly as a client can.
final class Responses {
  /// One response.
  record Response(String version, int status, Map<String, String> fields, String body) {
    String field(String name) {
      return fields.getOrDefault(name, "");
    }
  }

  private final String text;
  private int at;

  private Responses(String text) {
    this.text = text;
  }

  /// The responses in `text` to requests that were not HEAD.
  static List<Response> parse(String text) {
    return parse(text, false);
  }

  static List<Response> parse(String text, boolean head) {
    Responses parser = new Responses(text);
    List<Response> responses = new ArrayList<>();
    while (parser.at < text.length()) {
      responses.add(parser.next(head));
    }
    return responses;
  }

  static Response only(String text, boolean head) {
    List<Response> responses =
        parse(text, head).stream().filter(response -> response.status != 100).toList();
    if (responses.size() != 1) {
      throw new AssertionError(responses.size() + " responses: " + text);
    }
    return responses.getFirst();
  }

  private Response next(boolean head) {
    String[] line = line().split(" ", 3);
    if (line.length != 3 || !line[0].equals("HTTP/1.1")) {
      throw new AssertionError("no response at " + at + " of: " + text);
    }
    int status = Integer.parseInt(line[1]);
    Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String field = line(); !field.isEmpty(); field = line()) {
      int colon = field.indexOf(": ");
      String old = fields.put(field.substring(0, colon), field.substring(colon + 2));
      if (old != null) {
        throw new AssertionError("twice: " + field);
      }
    }
    if (status >= 200 && !fields.containsKey("Date")) {
      throw new AssertionError("no date: " + text);
    }
    boolean bodiless = head || status == 304 || status < 200;
    return new Response(line[0], status, fields, bodiless ? "" : body(fields));
  }

  private String body(Map<String, String> fields) {
    if (fields.containsKey("Content-Length")) {
      return take(Integer.parseInt(fields.getOrDefault("Content-Length", "")));
    }
    if (!"chunked".equals(fields.get("Transfer-Encoding"))) {
      throw new AssertionError("no length: " + text);
    }
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(), 16);
      body.append(take(size));
      if (!line().isEmpty()) {
        throw new AssertionError("bad end of chunk: " + text);
      }
      if (size == 0) {
        return body.toString();
      }
    }
  }

  private String line() {
    int end = text.indexOf("\r\n", at);
    if (end < 0) {
      throw new AssertionError("cut off at " + at + " of: " + text);
    }
    String line = text.substring(at, end);
    at = end + 2;
    return line;
  }

  private String take(int count) {
    if (at + count > text.length()) {
      throw new AssertionError("body cut off: " + text);
    }
    String taken = text.substring(at, at + count);
    at += count;
    return taken;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
