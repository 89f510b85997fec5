package org.mpm4j.examples.httpd;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// What a request is about.
sealed interface RequestTarget {
  /// A path on this server: decoded once, without `.`, `..` and empty segments, beginning with `/`.
  ///
  /// @param path the path
  /// @param query what followed the `?`, as it was sent, or empty
  record Resource(String path, String query) implements RequestTarget {}

  /// The server as a whole: `*`.
  record Server() implements RequestTarget {}

  /// Nothing that could be served.
  record Refused(int status) implements RequestTarget {}

  /// Reads the target of a request line: `/path?query`, `http://host/path?query`, or `*`.
  static RequestTarget of(String target) {
    String rest = target;
    if (!target.startsWith("/")) {
      if (target.equals("*")) {
        return new Server();
      }
      int authority = authorityStart(target);
      if (authority < 0) {
        return new Refused(HttpStatus.BAD_REQUEST_400);
      }
      int path = target.indexOf('/', authority);
      int query = target.indexOf('?', authority);
      if (path >= 0 && (query < 0 || path < query)) {
        rest = target.substring(path);
      } else {
        rest = query < 0 ? "/" : "/" + target.substring(query);
      }
    }
    int question = rest.indexOf('?');
    String path = question < 0 ? rest : rest.substring(0, question);
    String query = question < 0 ? "" : rest.substring(question + 1);
    return isPlain(path) ? new Resource(path, query) : normalized(path, query);
  }

  private static int authorityStart(String target) {
    for (String scheme : new String[] {"http://", "https://"}) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
  }

  /// Whether there is nothing to decode or to remove.
  private static boolean isPlain(String path) {
    char previous = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || c == '#' || (previous == '/' && (c == '/' || c == '.'))) {
        return false;
      }
      previous = c;
    }
    return true;
  }

  /// An encoded slash or NUL is not found, a bad encoding and a way out of the root are bad
  /// requests: as in httpd.
  private static RequestTarget normalized(String path, String query) {
    if (path.indexOf('#') >= 0) {
      return new Refused(HttpStatus.BAD_REQUEST_400);
    }
    Deque<String> segments = new ArrayDeque<>();
    boolean directory = true;
    for (String encoded : path.substring(1).split("/", -1)) {
      byte[] bytes = decoded(encoded);
      if (bytes == null) {
        return new Refused(HttpStatus.BAD_REQUEST_400);
      }
      String segment;
      try {
        segment = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException _) {
        return new Refused(HttpStatus.NOT_FOUND_404);
      }
      if (segment.indexOf('/') >= 0 || segment.indexOf('\0') >= 0) {
        return new Refused(HttpStatus.NOT_FOUND_404);
      }
      directory = segment.isEmpty() || segment.equals(".") || segment.equals("..");
      if (!directory) {
        segments.addLast(segment);
      } else if (segment.equals("..") && segments.pollLast() == null) {
        return new Refused(HttpStatus.BAD_REQUEST_400);
      }
    }
    String normalized = "/" + String.join("/", segments);
    boolean slash = directory && !segments.isEmpty();
    return new Resource(slash ? normalized + "/" : normalized, query);
  }

  /// The bytes that `text` means; null if a `%` is not followed by two hexadecimal digits.
  private static byte @Nullable [] decoded(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != '%') {
        bytes.write(encoded[i]);
        continue;
      }
      int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(encoded[i + 2], 16);
      if (low < 0) {
        return null;
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    return bytes.toByteArray();
  }
}
