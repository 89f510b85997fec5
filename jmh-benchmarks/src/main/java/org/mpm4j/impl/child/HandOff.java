package org.mpm4j.impl.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.Poller;

/// A way from a thread that waits in epoll for work to the threads of a pool that do it.
interface HandOff {
  /// Makes so many items ready at once, as the kernel would, and wakes who listens. One caller, and
  /// not again before all of them have run.
  void post(int items);

  /// When the listener found what was posted last, as [System#nanoTime()] says; for those who have
  /// seen an item run.
  long readyAt();

  /// Ends the threads, and waits until they have ended. Nothing may be ready.
  void end() throws InterruptedException;

  /// A poller for nothing but wake-ups.
  static Poller poller() {
    try {
      return Poller.open(Linux.open(), 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
