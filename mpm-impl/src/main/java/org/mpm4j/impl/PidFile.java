package org.mpm4j.impl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mpm4j.StartException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file that holds the supervisor's process id, and is locked for as long as it runs: a file that
/// nobody has locked was left by a server that was killed, whoever has its process id now.
final class PidFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PidFile.class);

  private final Path path;
  private final FileChannel channel;

  private PidFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Creates the file, or takes over a stale one.
  ///
  /// @throws StartException if a live server has it
  /// @throws IOException if it cannot be written
  static PidFile create(Path path, int pid) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (tryLock(channel) == null) {
          throw new StartException(
              "PidFile " + path + ": already running with pid " + read(channel), null);
        }
        if (isStill(path, channel)) {
          write(channel, pid);
          return new PidFile(path, channel);
        }
        channel.close(); // its owner removed it between our open and our lock: make a new one
      } catch (Throwable e) {
        channel.close();
        throw e;
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // a server in this JVM has it
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    int n = channel.read(text, 0);
    return n <= 0 ? "unknown" : StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
  }

  /// Whether the path still leads to the open file, seen by writing to the one and reading the
  /// other.
  private static boolean isStill(Path path, FileChannel channel) throws IOException {
    byte[] mark = Long.toHexString(System.nanoTime()).getBytes(StandardCharsets.US_ASCII);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(mark), 0);
    return Files.exists(path) && Arrays.equals(Files.readAllBytes(path), mark);
  }

  private static void write(FileChannel channel, int pid) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
  }

  /// Removes the file and gives up its lock.
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("could not remove PidFile {}", path, e);
    }
  }
}
