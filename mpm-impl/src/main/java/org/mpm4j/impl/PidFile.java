package org.mpm4j.impl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that names the process of a running server, locked for as long as it runs.
///
/// The lock, not the file, says that a server runs: the kernel drops it with the process, so that a
/// file left behind by a crash is taken over. Not for concurrent use.
public final class PidFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PidFile.class);

  // how often the file may vanish between its opening and its locking
  private static final int ATTEMPTS = 10;

  private final Path path;
  private final FileChannel channel;
  private boolean closed;

  private PidFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Creates the file, or takes over a stale one, and writes this process's id.
  ///
  /// @throws IOException if a server runs with this file, or it cannot be written; the message
  ///   names the file
  public static PidFile create(Path path) throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      FileChannel channel = open(path);
      try {
        FileLock lock = tryLock(channel);
        if (lock == null) {
          throw new IOException("PidFile " + path + ": already running with pid " + pid(channel));
        }
        if (leadsTo(path, channel)) {
          write(channel);
          return new PidFile(path, channel);
        }
        channel.close(); // its owner removed it before we had the lock
      } catch (Throwable e) {
        channel.close();
        throw e;
      }
    }
    throw new IOException("PidFile " + path + ": somebody else creates and removes it");
  }

  private static FileChannel open(Path path) throws IOException {
    try {
      return FileChannel.open(
          path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException("PidFile " + path + ": cannot be written: " + e, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // another server in this JVM
    }
  }

  private static String pid(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    channel.read(text, 0);
    return StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
  }

  /// Whether the path still names the open file. There is no way to ask a channel which file it
  /// has, but what is written through it shows at the path or does not.
  private static boolean leadsTo(Path path, FileChannel channel) throws IOException {
    channel.truncate(0);
    String mark = "0 " + System.nanoTime() + "\n";
    channel.write(ByteBuffer.wrap(mark.getBytes(StandardCharsets.US_ASCII)), 0);
    try {
      return Files.readString(path, StandardCharsets.US_ASCII).equals(mark);
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private static void write(FileChannel channel) throws IOException {
    String text = ProcessHandle.current().pid() + "\n";
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  /// Removes the file, then lets go of the lock. Idempotent.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (channel) {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("PidFile {}: could not be removed: {}", path, e.toString());
    }
  }
}
