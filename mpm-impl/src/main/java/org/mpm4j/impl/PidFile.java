package org.mpm4j.impl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.mpm4j.StartException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file that holds the supervisor's process id, and is locked for as long as it runs: a file that
/// nobody has locked was left by a server that was killed, whoever has its process id now.
final class PidFile implements AutoCloseable {
  /*
   * A POSIX record lock belongs to the process, and is lost when the process closes any descriptor of
   * the file (fcntl(2)). So this JVM opens the path once only: a second server in it is refused by
   * `held`, before it opens anything, and the path is looked at with stat alone.
   */

  private static final Logger log = LoggerFactory.getLogger(PidFile.class);

  private static final Set<Path> held = ConcurrentHashMap.newKeySet();

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
  static PidFile create(Path file, int pid) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Path path = parent == null ? file : parent.toRealPath().resolve(file.getFileName());
    if (!held.add(path)) {
      throw refusal(path, Integer.toString(pid));
    }
    boolean created = false;
    try {
      PidFile pidFile = lock(path, pid);
      created = true;
      return pidFile;
    } finally {
      if (!created) {
        held.remove(path);
      }
    }
  }

  private static PidFile lock(Path path, int pid) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() == null) {
          throw refusal(path, read(channel));
        }
        if (leadsTo(path, channel)) {
          channel.truncate(0);
          channel.write(ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
          return new PidFile(path, channel);
        }
        channel.close(); // its owner removed it between our open and our lock: make a new one
      } catch (Throwable e) {
        channel.close();
        throw e;
      }
    }
  }

  private static StartException refusal(Path path, String pid) {
    return new StartException("PidFile " + path + ": already running with pid " + pid, null);
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    int n = channel.read(text, 0);
    return n <= 0 ? "unknown" : StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
  }

  /// Whether the path still leads to the open file: gives the one a length that the other would not
  /// have by chance.
  private static boolean leadsTo(Path path, FileChannel channel) throws IOException {
    int length = ThreadLocalRandom.current().nextInt(100, 1000);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(new byte[] {'\n'}), length - 1L);
    return Files.exists(path) && Files.size(path) == length;
  }

  /// Removes the file and gives up its lock.
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("could not remove PidFile {}", path, e);
    }
    held.remove(path);
  }
}
