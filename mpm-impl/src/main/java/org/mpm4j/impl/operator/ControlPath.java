package org.mpm4j.impl.operator;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.mpm4j.StartException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The path of a listening control socket, and who may use it: its owner and nobody else, from the
/// first instant on.
final class ControlPath {
  /*
   * bind(2) creates the path with the permissions that the umask leaves, and a client may connect
   * before chmod(2). So the socket is bound in a folder that only its owner may enter, restricted
   * there, and linked to its path when it is ready. link(2), unlike rename(2), never replaces what
   * another server has put there since we looked.
   */

  private static final Logger log = LoggerFactory.getLogger(ControlPath.class);
  private static final int FILE_TYPE = 0xf000; // S_IFMT, bits/stat.h
  private static final int SOCKET_FILE = 0xc000; // S_IFSOCK, bits/stat.h

  private final Path path;
  private final @Nullable Object fileKey;

  private ControlPath(Path path, @Nullable Object fileKey) {
    this.path = path;
    this.fileKey = fileKey;
  }

  /// Makes `listener` listen at `path`. A path at which nobody listens any more is taken over.
  ///
  /// @throws StartException if a live server has it, it is no socket, or it cannot be made
  static ControlPath bind(ServerSocketChannel listener, Path path) throws StartException {
    Path absolute = path.toAbsolutePath();
    Path parent = Objects.requireNonNullElse(absolute.getParent(), absolute);
    try {
      Path room = makeRoom(parent);
      Path socket = room.resolve("s");
      try {
        listener.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        link(absolute, socket);
      } finally {
        Files.deleteIfExists(socket);
        Files.delete(room);
      }
      return new ControlPath(absolute, fileKey(absolute));
    } catch (StartException e) {
      throw e;
    } catch (IOException e) {
      throw refusal(absolute, e.toString(), e);
    }
  }

  /// A folder for this process only, whose name is short: the path of a socket has 107 bytes.
  private static Path makeRoom(Path parent) throws IOException {
    while (true) {
      int random = ThreadLocalRandom.current().nextInt(36 * 36 * 36 * 36);
      try {
        return Files.createDirectory(
            parent.resolve("." + Integer.toString(random, 36)),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException _) {
        // another name
      }
    }
  }

  private static void link(Path path, Path socket) throws IOException {
    try {
      Files.createLink(path, socket);
    } catch (FileAlreadyExistsException _) {
      removeStale(path);
      Files.createLink(path, socket);
    }
  }

  private static void removeStale(Path path) throws IOException {
    int mode;
    try {
      mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException _) {
      return; // gone meanwhile
    }
    if ((mode & FILE_TYPE) != SOCKET_FILE) {
      throw refusal(path, "exists and is not a socket", null);
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException _) {
      log.info("control socket {}: left by a server that is gone; taken over", path);
      Files.deleteIfExists(path);
      return;
    }
    throw refusal(path, "a running server listens there", null);
  }

  private static StartException refusal(Path path, String why, @Nullable Throwable cause) {
    return new StartException("control socket " + path + ": " + why, cause);
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  Path path() {
    return path;
  }

  /// Removes the path, unless it leads to somebody else's socket by now.
  void delete() {
    try {
      if (Objects.equals(fileKey, fileKey(path))) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException _) {
      // removed already
    } catch (IOException e) {
      log.warn("could not remove control socket {}", path, e);
    }
  }
}
