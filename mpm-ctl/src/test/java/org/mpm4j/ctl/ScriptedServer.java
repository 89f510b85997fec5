package org.mpm4j.ctl;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Answers every request with the same text, and then hangs up or does not.
final class ScriptedServer implements AutoCloseable {
  final List<String> requests = new CopyOnWriteArrayList<>();

  private final Path path;
  private final String answer;
  private final boolean hangUp;
  private final ServerSocketChannel listener;
  private volatile int most = Integer.MAX_VALUE;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ScriptedServer(Path path, String answer, boolean hangUp) throws IOException {
    this.path = path;
    this.answer = answer;
    this.hangUp = hangUp;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
  }

  static ScriptedServer answering(Path path, String answer) throws IOException {
    return start(new ScriptedServer(path, answer, true));
  }

  static ScriptedServer stuckAfter(Path path, String answer) throws IOException {
    return start(new ScriptedServer(path, answer, false));
  }

  private static ScriptedServer start(ScriptedServer server) {
    var _ = Thread.ofVirtual().start(server::serve);
    return server;
  }

  /// Lets it end after so many requests.
  void endAfter(int requests) {
    most = requests;
  }

  private void serve() {
    while (requests.size() < most) {
      try (SocketChannel channel = listener.accept();
          BufferedReader reader =
              new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
        requests.add(String.valueOf(reader.readLine()));
        channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
        if (!hangUp) {
          closed.await();
        }
      } catch (AsynchronousCloseException | InterruptedException _) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    Files.deleteIfExists(path);
  }
}
