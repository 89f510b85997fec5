package org.mpm4j.impl.child;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.os.PollSet;

/// The native memory of one worker, lent to the connection that it serves, with an [Exchange]. One
/// thread at a time.
final class WorkerBuffers implements AutoCloseable {
  // two pages of a typical request or small response; larger ones take more calls, not more memory
  static final int INPUT_SIZE = 16 * 1024;
  static final int OUTPUT_SIZE = 16 * 1024;
  private static final int TRANSFER_SIZE = 64 * 1024;

  private final Arena arena = Arena.ofShared();

  /// What the worker does.
  final WorkerActivity activity;

  /// Received bytes, ready to be read.
  final ByteBuffer input;

  final long inputAddress;

  /// Bytes to send, position at their end.
  final ByteBuffer output;

  final long outputAddress;

  /// For bytes on their way from the heap to the kernel, and for a socket the other way.
  final ByteBuffer transfer;

  final long transferAddress;

  /// For a blocking wait, the connection and what interrupts it; for a look at the backlog, the
  /// listening sockets. Every use sets its entries anew, and a look leaves none set.
  final PollSet waiting;

  private @Nullable SocketBuffers socket;
  private @Nullable Exchange spare;

  /// @param listeners how many listening sockets the worker looks at
  WorkerBuffers(int listeners, WorkerActivity activity) {
    this.activity = activity;
    waiting = new PollSet(Math.max(2, listeners));
    MemorySegment in = arena.allocate(INPUT_SIZE, 64);
    MemorySegment out = arena.allocate(OUTPUT_SIZE, 64);
    MemorySegment through = arena.allocate(TRANSFER_SIZE, 64);
    input = in.asByteBuffer();
    inputAddress = in.address();
    output = out.asByteBuffer();
    outputAddress = out.address();
    transfer = through.asByteBuffer();
    transferAddress = through.address();
  }

  /// What a connection needs beside when it is used as a socket. The worker's thread only.
  SocketBuffers forSocket() {
    SocketBuffers made = socket;
    if (made == null) {
      made = new SocketBuffers(TRANSFER_SIZE);
      socket = made;
    }
    return made;
  }

  /// An exchange for a connection that has none.
  Exchange takeExchange() {
    Exchange taken = spare == null ? new Exchange() : spare;
    spare = null;
    return taken;
  }

  /// The exchange is complete.
  void giveBack(Exchange done) {
    spare = done;
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
    waiting.close();
    arena.close();
  }
}
