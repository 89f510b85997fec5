package org.mpm4j.impl.child;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.mpm4j.impl.os.PollSet;

/// What a worker lends beside its [WorkerBuffers] to a connection that is used as a socket: there
/// one thread may read while another writes. Made when first needed, kept as long as the worker.
final class SocketBuffers implements AutoCloseable {
  // the connection, and two things that end a wait for it
  private static final int WATCHED = 3;

  private final Arena arena = Arena.ofShared();

  /// For bytes on their way to the kernel.
  final ByteBuffer sending;

  final long sendingAddress;

  /// For the thread that reads.
  final PollSet readable = new PollSet(WATCHED);

  /// For the thread that writes.
  final PollSet writable = new PollSet(WATCHED);

  SocketBuffers(int size) {
    MemorySegment out = arena.allocate(size, 64);
    sending = out.asByteBuffer();
    sendingAddress = out.address();
  }

  @Override
  public void close() {
    readable.close();
    writable.close();
    arena.close();
  }
}
