package org.mpm4j.impl.scoreboard;

/// What a worker thread does, with httpd's letters.
///
/// `DEAD` → `STARTING` → `READY` ⇄ (`BUSY_READ`, `BUSY_WRITE`, `BUSY_KEEPALIVE`, `CLOSING`) →
/// `DEAD`.
public enum WorkerStatus {
  /// There is no such thread.
  DEAD(0, '.'),
  /// It has not looked for work yet.
  STARTING(1, 'S'),
  /// It waits for work, or listens.
  READY(2, '_'),
  /// It waits for the rest of a request.
  BUSY_READ(3, 'R'),
  /// It runs a handler, or sends what one has written.
  BUSY_WRITE(4, 'W'),
  /// It waits for the next request of its connection.
  BUSY_KEEPALIVE(5, 'K'),
  /// It waits for the client to close.
  CLOSING(6, 'C'),
  /// It finishes what it has, then ends.
  GRACEFUL(7, 'G');

  /// What the scoreboard says for it; 0 is what a new file says.
  final int code;

  private final char letter;

  WorkerStatus(int code, char letter) {
    this.code = code;
    this.letter = letter;
  }

  static WorkerStatus of(int code) {
    return switch (code) {
      case 0 -> DEAD;
      case 1 -> STARTING;
      case 2 -> READY;
      case 3 -> BUSY_READ;
      case 4 -> BUSY_WRITE;
      case 5 -> BUSY_KEEPALIVE;
      case 6 -> CLOSING;
      case 7 -> GRACEFUL;
      default -> throw new IllegalArgumentException("no worker status: " + code);
    };
  }

  /// The letter on httpd's status page.
  public char letter() {
    return letter;
  }

  /// Whether the thread is there and not free for other work.
  public boolean busy() {
    return this != DEAD && this != READY;
  }
}
