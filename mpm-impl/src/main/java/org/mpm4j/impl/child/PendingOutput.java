package org.mpm4j.impl.child;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;

/// What a connection has still to send and does not fit, or may not stand, in its worker's output
/// buffer: pieces in their order. Used by the connection's owner only.
final class PendingOutput {
  private static final int SENDFILE_MOST = 1 << 30; // sendfile(2) takes no more than 2 GiB a call

  private sealed interface Piece permits Bytes, Region {}

  private record Bytes(ByteBuffer buffer) implements Piece {}

  private static final class Region implements Piece {
    final int fd;
    long position;
    long count;

    Region(int fd, long position, long count) {
      this.fd = fd;
      this.position = position;
      this.count = count;
    }
  }

  private final Syscalls os;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private long size;

  PendingOutput(Syscalls os) {
    this.os = os;
  }

  /// How many bytes are left to send.
  long size() {
    return size;
  }

  /// Appends the remaining bytes of `buffer`, which is not copied.
  void add(ByteBuffer buffer) {
    size += buffer.remaining();
    pieces.add(new Bytes(buffer));
  }

  /// Appends a region of an open file; the descriptor is owned from now on.
  void add(int fileFd, long position, long count) {
    size += count;
    pieces.add(new Region(fileFd, position, count));
  }

  /// Sends what the kernel takes now.
  ///
  /// @param more whether the caller has more to send behind these pieces
  /// @return whether everything was sent
  /// @throws IOException if the connection is lost, or a file is shorter than promised
  boolean send(int fd, WorkerBuffers buffers, boolean more) throws IOException {
    for (Piece piece; (piece = pieces.peek()) != null; ) {
      boolean last = pieces.size() == 1 && !more;
      boolean sent =
          switch (piece) {
            case Bytes bytes -> send(fd, bytes.buffer, buffers, !last);
            case Region region -> send(fd, region);
          };
      if (!sent) {
        return false;
      }
      pieces.remove();
      release(piece);
    }
    return true;
  }

  private boolean send(int fd, ByteBuffer source, WorkerBuffers buffers, boolean more)
      throws IOException {
    while (source.hasRemaining()) {
      long address;
      int length;
      if (source.isDirect()) {
        address = MemorySegment.ofBuffer(source).address();
        length = source.remaining();
      } else {
        ByteBuffer transfer = buffers.transfer;
        length = Math.min(source.remaining(), transfer.capacity());
        transfer.put(0, source, source.position(), length);
        address = buffers.transferAddress;
      }
      int n = os.send(fd, address, length, more || length < source.remaining());
      if (n == -Errno.EAGAIN) {
        return false;
      } else if (n < 0) {
        throw Errno.exception("could not send", n);
      }
      source.position(source.position() + n);
      size -= n;
    }
    return true;
  }

  private boolean send(int fd, Region region) throws IOException {
    while (region.count > 0) {
      long n = os.sendfile(fd, region.fd, region.position, Math.min(region.count, SENDFILE_MOST));
      if (n == -Errno.EAGAIN) {
        return false;
      } else if (n < 0) {
        throw Errno.exception("could not send a file", (int) n);
      } else if (n == 0) {
        throw new EOFException(
            "the file became shorter while it was sent: " + region.count + " bytes are missing");
      }
      region.position += n;
      region.count -= n;
      size -= n;
    }
    return true;
  }

  /// Drops what was not sent.
  void close() {
    for (@Nullable Piece piece; (piece = pieces.poll()) != null; ) {
      release(piece);
    }
    size = 0;
  }

  private void release(Piece piece) {
    if (piece instanceof Region region) {
      os.close(region.fd);
    }
  }
}
