package org.mpm4j.comparison;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Folders that servers under another user can use.
final class Folders {
  private static final int FILE_SIZE = 1 << 20;

  private Folders() {}

  /// Makes a folder that all may read, or write too.
  static Path make(Path folder, boolean writable) throws IOException {
    Files.createDirectories(folder);
    String permissions = writable ? "rwxrwxrwx" : "rwxr-xr-x";
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
  }

  /// A temporary folder that all may read.
  static Path temporary() throws IOException {
    return make(Files.createTempDirectory("mpm4j-compare"), false);
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

  /// Deletes a folder and all in it; what cannot be deleted stays.
  static void delete(Path folder) {
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
