package org.mpm4j.impl.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Disposition;
import org.mpm4j.impl.os.Syscalls;

/// What a connection needs for an exchange, and not between two of them. A worker lends one to each
/// connection that it serves and has it back when the exchange is complete; a connection that waits
/// in the middle keeps it. The connection's owner only.
final class Exchange {
  /// What the next advance of the connection begins with.
  enum Next {
    ACCEPTED,
    RECEIVE,
    RESUMED,
    SEND,
    TIMED_OUT,
    LINGER
  }

  /// The buffers of the worker that serves the connection; null while none does.
  @Nullable WorkerBuffers lent;

  Next next = Next.ACCEPTED;

  /// What the handler has said, for when everything is sent.
  Disposition afterSend = Disposition.CLOSE;

  /// Whether the handler has seen input of it.
  boolean begun;

  /// Whether the handler was told that the connection may be kept.
  boolean keepPromised;

  /// Whether the client has shut its direction down.
  boolean inputEnded;

  /// When the wait that the last advance returned began.
  long waitingSince;

  /// How many bytes were sent since a worker lent it, answers to pipelined requests included.
  long sentBytes;

  /// What made an operation of the last advance fail, if one did.
  @Nullable IOException loss;

  @Nullable PendingOutput pending;

  private byte @Nullable [] leftover;

  // the clock of RequestReadTimeout
  private boolean headComplete;
  private boolean stageBegun;
  private long stageStart;
  private long stageBytes;

  /// Makes it an exchange of which nothing has come.
  void begin(Next first) {
    next = first;
    afterSend = Disposition.CLOSE;
    begun = false;
    keepPromised = false;
    inputEnded = false;
    sentBytes = 0;
    loss = null;
    resetStage();
  }

  /// Lends the native memory for one advance, with the bytes that were not consumed in the last
  /// one.
  void lend(WorkerBuffers buffers) {
    lent = buffers;
    loss = null;
    buffers.output.clear();
    buffers.input.clear();
    if (leftover == null) {
      buffers.input.limit(0);
    } else {
      buffers.input.put(leftover).flip();
      leftover = null;
    }
  }

  /// Keeps the input that was not consumed beyond this advance.
  void keep(ByteBuffer input) {
    if (input.hasRemaining()) {
      leftover = new byte[input.remaining()];
      input.get(leftover);
    }
  }

  /// What is to be sent and does not stand in the worker's output buffer.
  PendingOutput pending(Syscalls os) {
    PendingOutput queue = pending;
    if (queue == null) {
      queue = new PendingOutput(os);
      pending = queue;
    }
    return queue;
  }

  /// Drops what was kept.
  void drop() {
    if (pending != null) {
      pending.close();
      pending = null;
    }
    leftover = null;
  }

  // ---- the clock of RequestReadTimeout ----

  /// The head of the request is complete.
  void completeHead() {
    if (!headComplete) {
      resetStage();
      headComplete = true;
    }
  }

  /// So many bytes more of the request have come.
  void received(int bytes) {
    stageBytes += bytes;
  }

  /// Starts the clock afresh, for the head of the next request.
  void resetStage() {
    headComplete = false;
    stageBegun = false;
    stageBytes = 0;
  }

  /// How much of `RequestReadTimeout` is left; the clock of a stage starts with its first wait.
  long requestReadLeft(Limits limits, long now) {
    if (!stageBegun) {
      stageBegun = true;
      stageStart = now;
    }
    long allowed = limits.requestRead(headComplete, stageBytes);
    return allowed == Long.MAX_VALUE ? allowed : Math.max(0, allowed - (now - stageStart));
  }
}
