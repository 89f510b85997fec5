package org.mpm4j;

/// What a worker thread does, with httpd's letters.
///
/// `DEAD` → `STARTING` → `READY` ⇄ (`BUSY_READ`, `BUSY_WRITE`, `BUSY_KEEPALIVE`, `CLOSING`) →
/// `DEAD`.
public enum WorkerStatus {
  /// There is no such thread.
  DEAD('.'),
  /// It has not looked for work yet.
  STARTING('S'),
  /// It waits for work, or listens.
  READY('_'),
  /// It waits for the rest of a request.
  BUSY_READ('R'),
  /// It runs a handler, or sends what one has written.
  BUSY_WRITE('W'),
  /// It waits for the next request of its connection.
  BUSY_KEEPALIVE('K'),
  /// It waits for the client to close.
  CLOSING('C'),
  /// It finishes what it has, then ends.
  GRACEFUL('G');

  private final char letter;

  WorkerStatus(char letter) {
    this.letter = letter;
  }

  /// The letter on httpd's status page.
  ///
  /// @return the letter
  public char letter() {
    return letter;
  }

  /// Whether the thread has work. One that starts has none, as in httpd (`mod_status.c`): it is
  /// about to take some.
  ///
  /// @return false for [#DEAD], [#STARTING] and [#READY]
  public boolean busy() {
    return this != DEAD && this != STARTING && this != READY;
  }
}
