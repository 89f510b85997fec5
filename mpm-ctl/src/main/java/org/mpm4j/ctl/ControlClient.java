package org.mpm4j.ctl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sends commands to a running server, as docs/control-protocol.md describes. Immutable; each
/// command has a connection of its own.
public final class ControlClient {
  /// Where `mpm-httpd` keeps its pid file unless told otherwise, relative to its home.
  public static final String DEFAULT_PID_FILE = "run/mpm-httpd.pid";

  private static final String PID_SUFFIX = ".pid";

  private final Path socket;

  /// @param socket the path of a control socket
  public ControlClient(Path socket) {
    this.socket = socket;
  }

  /// The control socket that a server with this pid file has: with `.sock` in place of a final
  /// `.pid`, or appended.
  ///
  /// @param pidFile its path
  /// @return the path of the socket
  public static Path socketBeside(Path pidFile) {
    String name = String.valueOf(pidFile.getFileName());
    String stem =
        name.endsWith(PID_SUFFIX) ? name.substring(0, name.length() - PID_SUFFIX.length()) : name;
    return pidFile.resolveSibling(stem + ".sock");
  }

  /// Sends a command and waits for the end of the answer.
  ///
  /// @param command such as `scale 4`
  /// @param timeout how long to wait, or null for as long as it takes
  /// @param progress gets the lines that come while the server works, on this thread
  /// @return the answer
  /// @throws NotRunningException if nobody listens at the socket
  /// @throws SocketTimeoutException if the answer has not ended in time; the server goes on with
  ///   the command
  /// @throws IOException if the socket may not be used, or the server hangs up before the end
  public ControlReply send(String command, @Nullable Duration timeout, Consumer<String> progress)
      throws IOException {
    long start = System.nanoTime();
    try (SocketChannel channel = connect();
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      var _ = channel.register(selector, SelectionKey.OP_READ);
      // a command fits into an empty socket buffer at once
      var _ = channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      Lines lines = new Lines(channel);
      List<String> data = new ArrayList<>();
      while (true) {
        String line = lines.next();
        if (line == null) {
          await(selector, start, timeout);
          continue;
        }
        String[] words = line.split(" ", 2);
        String text = words.length > 1 ? words[1] : "";
        switch (words[0]) {
          case "progress" -> progress.accept(unescaped(text));
          case "data" -> data.add(unescaped(text));
          case "ok" -> {
            return ControlReply.ok(unescaped(text), data);
          }
          case "failed" -> {
            String[] why = text.split(" ", 2);
            return new ControlReply(why[0], why.length > 1 ? unescaped(why[1]) : "", data);
          }
          default -> {} // of a later version
        }
      }
    }
  }

  private SocketChannel connect() throws IOException {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (ConnectException _) {
      throw new NotRunningException("nobody listens at " + socket);
    } catch (IOException e) {
      if (Files.notExists(socket, LinkOption.NOFOLLOW_LINKS)) {
        throw new NotRunningException("there is no control socket " + socket);
      }
      throw new IOException(socket + ": " + e.getMessage(), e);
    }
  }

  private void await(Selector selector, long start, @Nullable Duration timeout) throws IOException {
    if (timeout == null) {
      selector.select();
    } else {
      long left = timeout.toNanos() - (System.nanoTime() - start);
      if (left <= 0) {
        throw new SocketTimeoutException(
            "no answer from " + socket + " within " + timeout.toSeconds() + " s");
      }
      selector.select(Math.max(1, Duration.ofNanos(left).toMillis()));
    }
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
  }

  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        i++;
        plain.append(text.charAt(i) == 'n' ? '\n' : text.charAt(i));
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  /// The lines that have come so far.
  private static final class Lines {
    private final SocketChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocate(8192).flip();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Lines(SocketChannel channel) {
      this.channel = channel;
    }

    /// @return null if the next one has not come yet
    @Nullable String next() throws IOException {
      while (true) {
        while (bytes.hasRemaining()) {
          byte b = bytes.get();
          if (b == '\n') {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            return text;
          }
          line.write(b);
        }
        int n = channel.read(bytes.clear());
        bytes.flip();
        if (n < 0) {
          throw new IOException("the server hung up before the end of its answer");
        } else if (n == 0) {
          return null;
        }
      }
    }
  }
}
