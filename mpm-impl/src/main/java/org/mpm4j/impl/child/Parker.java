package org.mpm4j.impl.child;

import java.util.concurrent.locks.LockSupport;

/// How one worker of the event engine, or of a worker pool, sleeps until whoever has taken it from
/// the idle ones wakes it.
final class Parker {
  /*
   * Ownership: the worker, until it puts itself among the idle ones; then whoever takes it from there,
   * until `woken`; then the worker again. Both hand-overs are volatile, so `retired` is plain.
   */

  private volatile boolean woken;
  private boolean retired;

  // ---- the worker ----

  /// The worker is going to put itself among the idle ones.
  void prepare() {
    woken = false;
    retired = false;
  }

  /// Waits until woken.
  void await() {
    while (!woken) {
      LockSupport.park(this);
      Thread.interrupted(); // an interrupt is meant for a handler
    }
  }

  /// Whether it was woken, and owns itself again.
  boolean woken() {
    return woken;
  }

  /// Whether it was woken to end, if there is no work for it.
  boolean retired() {
    return retired;
  }

  /// There was work for it.
  void stay() {
    retired = false;
  }

  // ---- whoever has taken it from the idle ones; unparks its thread afterwards ----

  /// Wakes it.
  void wake() {
    woken = true;
  }

  /// Wakes it to end.
  void retire() {
    retired = true;
    wake();
  }
}
