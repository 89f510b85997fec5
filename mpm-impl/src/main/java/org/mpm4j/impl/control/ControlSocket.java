package org.mpm4j.impl.control;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;

/// One end of the stream between a supervisor and a child: messages, each behind its length.
///
/// One thread receives; any thread sends. It owns its descriptor.
public final class ControlSocket implements AutoCloseable {
  private static final int LARGEST = 16 << 20;

  private final Syscalls os;
  private final int fd;

  // the receiving thread only
  private byte[] received = new byte[0];
  private boolean ended;

  // guarded by this
  private boolean closed;

  /// Wraps a connected stream socket. Whether [#receive] and [#send] wait depends on its mode.
  public ControlSocket(Syscalls os, int fd) {
    this.os = os;
    this.fd = fd;
  }

  /// The descriptor, for a poller.
  public int fd() {
    return fd;
  }

  /// Takes what has come. On a blocking descriptor it waits for at least one message or the end; on
  /// a non-blocking one it may find nothing.
  ///
  /// @return the messages that are complete, in order; empty and [#ended()] when the other side is
  ///   gone
  /// @throws IOException if what came is no message
  public List<ControlMessage> receive() throws IOException {
    List<ControlMessage> messages = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(16 * 1024);
      while (messages.isEmpty() && !ended) {
        int n = os.recv(fd, buffer.address(), (int) buffer.byteSize());
        if (n == -Errno.EAGAIN) {
          break;
        } else if (n <= 0) {
          ended = true; // a reset says the same as an end: the other process is gone
        } else {
          append(buffer, n);
          takeMessages(messages);
        }
      }
    }
    return messages;
  }

  private void append(MemorySegment buffer, int n) {
    byte[] grown = new byte[received.length + n];
    System.arraycopy(received, 0, grown, 0, received.length);
    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, grown, received.length, n);
    received = grown;
  }

  private void takeMessages(List<ControlMessage> messages) throws IOException {
    int at = 0;
    while (received.length - at >= Integer.BYTES) {
      int length = MemorySegment.ofArray(received).get(ValueLayout.JAVA_INT_UNALIGNED, at);
      if (length <= 0 || length > LARGEST) {
        throw new IOException("control message of " + length + " bytes");
      }
      int end = at + Integer.BYTES + length;
      if (received.length < end) {
        break;
      }
      messages.add(ControlMessage.decode(Arrays.copyOfRange(received, at + Integer.BYTES, end)));
      at = end;
    }
    received = Arrays.copyOfRange(received, at, received.length);
  }

  /// Whether the other side has closed its end or died.
  public boolean ended() {
    return ended;
  }

  /// Sends one message whole.
  ///
  /// @throws IOException if the other side is gone, or the socket's buffer is full and the
  ///   descriptor non-blocking
  public synchronized void send(ControlMessage message) throws IOException {
    if (closed) {
      throw new IOException("control socket closed");
    }
    byte[] body = message.encode();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment frame = arena.allocate(Integer.BYTES + (long) body.length);
      frame.set(ValueLayout.JAVA_INT_UNALIGNED, 0, body.length);
      MemorySegment.copy(body, 0, frame, ValueLayout.JAVA_BYTE, Integer.BYTES, body.length);
      long sent = 0;
      while (sent < frame.byteSize()) {
        int n = os.send(fd, frame.address() + sent, (int) (frame.byteSize() - sent), false);
        if (n < 0) {
          throw Errno.exception(
              "could not send a control message of " + frame.byteSize() + " bytes", n);
        }
        sent += n;
      }
    }
  }

  /// Closes this end, which the other side sees. Idempotent.
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      os.close(fd);
    }
  }
}
