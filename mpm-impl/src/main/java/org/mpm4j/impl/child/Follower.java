package org.mpm4j.impl.child;

import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One worker of a set that takes turns at listening (leader/followers: Schmidt et al., POSA 2,
/// 2000).
///
/// @param <T> what is to be served
final class Follower<T> {
  /*
   *      ┌───────────────── idle (parked) ◄──────────────┐ nothing ready, role taken
   *      │ promoted, woken or retired                    │
   *      ▼          role free                            │
   *   look for work ─────────► listen ─► role handed on ─┴─► serve ─► look for work
   *      │ retired, and there is none
   *      ▼
   *    absent
   *
   * Why nothing that is ready is left, and why somebody always listens: see ListenerRole. Everything here
   * belongs to the worker's thread; others use `parker` only, as it says.
   */

  // the others wait for a handler that blocks by surprise for as long, or twice
  private static final long WATCH_NANOS = 500_000;

  // and nobody watches any more when as many looks have found nothing to watch
  private static final int IDLE_LOOKS = 3;

  /// What the worker does at its stations.
  interface Work<T> {
    /// Listens once, and makes ready what there is. The worker holds the role.
    ///
    /// @return false if there is nothing to listen for any more
    boolean listen();

    /// Serves what was ready.
    void serve(T item);

    /// The worker was woken to end, and there is nothing to do.
    ///
    /// @return whether its thread ends; it is counted no more then
    boolean tryDismiss();
  }

  final Parker parker = new Parker();

  private final int number;
  private final ListenerRole role;
  private final Queue<T> ready;

  Follower(int number, ListenerRole role, Queue<T> ready) {
    this.number = number;
    this.role = role;
    this.ready = ready;
  }

  /// Works until the role has ended or the thread is dismissed.
  ///
  /// @return whether it is dismissed
  boolean work(Work<T> work) {
    parker.stay();
    boolean roleFirst = true;
    while (!role.ended()) {
      T item = roleFirst ? null : ready.poll();
      roleFirst = false;
      if (item == null && role.tryTake()) {
        item = lead(work);
      } else if (item == null) {
        item = ready.poll();
      }
      if (item != null) {
        parker.stay(); // it was of use
        work.serve(item);
      } else if (parker.retired() && work.tryDismiss()) {
        return true;
      } else if (!role.ended()) {
        parker.prepare();
        role.rest(number);
        if (role.tryWatch()) {
          watch();
        }
        parker.await();
        roleFirst = true;
      }
    }
    return false;
  }

  /// Listens until there is something to serve and somebody to take over the role.
  private @Nullable T lead(Work<T> work) {
    while (true) {
      while (!ready.isEmpty()) {
        long serving = role.tryServe();
        if (serving == 0) {
          if (role.tryHandOn()) {
            return ready.poll(); // null if a worker that became free was faster
          }
          break; // all are busy
        }
        T item = ready.poll();
        if (item != null) {
          work.serve(item);
        }
        if (!role.resume(serving)) {
          return null;
        }
      }
      if (!work.listen()) {
        role.end();
        return null;
      }
    }
  }

  /// Looks after the listener while it serves, until woken or nothing happens.
  private void watch() {
    long before = role.look();
    int idleLooks = 0;
    while (!parker.woken() && idleLooks < IDLE_LOOKS) {
      LockSupport.parkNanos(this, WATCH_NANOS);
      Thread.interrupted(); // an interrupt is meant for a handler
      long now = role.look();
      boolean same = now == before;
      idleLooks = same && !role.tryTakeAway(now) ? idleLooks + 1 : 0;
      before = now;
    }
    role.endWatch();
  }
}
