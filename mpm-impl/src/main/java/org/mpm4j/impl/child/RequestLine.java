package org.mpm4j.impl.child;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.mpm4j.impl.scoreboard.WorkerScore;

/// Makes a line for the status of what a client has sent. Confined to one thread.
///
/// One line, printable ASCII: everything else is escaped as `\xNN`, and a backslash as two, so that
/// the line says unambiguously what was sent. Passwords of URLs are left out, as httpd does.
final class RequestLine {
  // passwords may take room that does not count
  private static final int LOOK_AHEAD = 4 * WorkerScore.REQUEST_ROOM;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final byte[] source = new byte[LOOK_AHEAD];
  private final byte[] line = new byte[WorkerScore.REQUEST_ROOM];
  private int length;

  /// Takes the first line from the position of `text` on; empty lines before it do not count.
  ///
  /// @return how many of [#bytes()] it takes
  int read(ByteBuffer text) {
    int count = Math.min(text.remaining(), source.length);
    text.get(text.position(), source, 0, count);
    length = 0;
    int i = 0;
    while (i < count && endsLine(source[i])) {
      i++;
    }
    boolean full = false;
    while (i < count && !full && !endsLine(source[i])) {
      full = !put(source[i]);
      i++;
      if (source[i - 1] == '/' && i < count && source[i] == '/') {
        while (i < count && source[i] == '/' && !full) { // as many as a browser would pass over
          full = !put(source[i]);
          i++;
        }
        i = full ? i : withoutPassword(i, count);
      }
    }
    return length;
  }

  /// The line; what lies beyond its length is of no meaning.
  byte[] bytes() {
    return line;
  }

  private static boolean endsLine(byte b) {
    return b == '\r' || b == '\n';
  }

  /// Puts the user's name, if an authority with a password begins at `from`.
  ///
  /// @return where to go on
  private int withoutPassword(int from, int count) {
    int colon = -1;
    int at = -1;
    int end = from;
    for (; end < count && !endsAuthority(source[end]); end++) {
      if (source[end] == '@') {
        at = end;
      } else if (source[end] == ':' && colon < 0) {
        colon = end;
      }
    }
    boolean cut = end == count && at < 0; // what follows the colon may be a password
    if (colon < 0 || (at < colon && !cut)) {
      return from;
    }
    for (int i = from; i < colon; i++) {
      var _ = put(source[i]);
    }
    return cut ? count : at;
  }

  private static boolean endsAuthority(byte b) {
    return b == '/' || b == '?' || b == '#' || b == ' ' || endsLine(b);
  }

  /// @return false if there is no room for it
  private boolean put(byte b) {
    if (b < ' ' || b == 0x7f || b == '\\') {
      return escape(b);
    } else if (length == line.length) {
      return false;
    }
    line[length++] = b;
    return true;
  }

  /// All of the escape, or nothing.
  private boolean escape(byte b) {
    int room = line.length - length;
    if (room < (b == '\\' ? 2 : 4)) {
      return false;
    }
    line[length++] = '\\';
    if (b == '\\') {
      line[length++] = b;
    } else {
      line[length++] = 'x';
      line[length++] = HEX[(b >> 4) & 0xf];
      line[length++] = HEX[b & 0xf];
    }
    return true;
  }
}
