package org.mpm4j.comparison;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Folders that servers under another user can use.
final class Folders {
  private static final int FILE_SIZE = 1 << 20;
  private static final int ATTEMPTS = 20;
  private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private Folders() {}

  /// Makes a folder that all may read, or write too. Its parent must be there, so that nothing
  /// comes back that has been deleted.
  static Path make(Path folder, boolean writable) throws IOException {
    return allow(Files.createDirectory(folder), writable);
  }

  private static Path allow(Path folder, boolean writable) throws IOException {
    String permissions = writable ? "rwxrwxrwx" : "rwxr-xr-x";
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
  }

  /// A temporary folder that all may read.
  static Path temporary() throws IOException {
    return allow(Files.createTempDirectory("mpm4j-compare"), false);
  }

  /// Writes what the servers serve as files.
  static Path writeFiles(Path parent) throws IOException {
    Path files = make(parent.resolve("files"), false);
    Files.writeString(files.resolve("hello"), "Hello, World!");
    byte[] bytes = new byte[FILE_SIZE];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('a' + i % 26);
    }
    Files.write(files.resolve("1m.bin"), bytes);
    return files;
  }

  /// Deletes a folder and all in it, in some attempts where others still write into it.
  static void delete(Path folder) {
    for (int i = 0; i < ATTEMPTS && Files.exists(folder); i++) {
      if (i > 0) {
        LockSupport.parkNanos(BETWEEN_NANOS);
      }
      deleteOnce(folder);
    }
  }

  private static void deleteOnce(Path folder) {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (IOException | UncheckedIOException _) {
      return; // it is gone, or changes under our hands
    }
    for (Path path : all) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException _) {
        // a process that is ending still writes into it
      }
    }
  }
}
