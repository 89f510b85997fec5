package org.mpm4j.impl.child;

import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Who listens in the event engine, and how its workers sleep and are woken.
final class ListenerRole {
  /*
   * Overview: one worker at a time holds the role. Workers that have nothing to do are in `idle`; those
   * that were taken from it, or were started, are on their way and try the role before anything else.
   *
   * Invariant: the role is held, or a worker that was woken or started is on its way to take it. It is
   * given away only by waking an idle worker or by starting one. (A child that has a single thread,
   * because the system refused the others, serves and listens in turn.)
   *
   * Memory ordering: the write that releases `held` and the CAS that takes it are the happens-before edge
   * for what belongs to the holder. No wake-up is lost between a worker that parks and one that has work:
   * the former pushes itself on `idle`, then looks at `ready`, `held` and `ended`; the latter offers,
   * releases or ends, then, behind a full fence (the queue's offer is a release only), pops from `idle`.
   * One sees the other. A thread that ends does the same with WorkerThreads' stack of absent numbers in
   * the place of `idle`. A listener that cannot accept for want of idle workers says so before it counts
   * them; a worker pushes itself before it looks whether one says so.
   */

  /// The workers, by their numbers.
  interface Crew {
    /// Wakes a worker that was taken from the idle ones.
    void wake(int worker);

    /// Starts one more, unless there are as many as may be or the system refuses.
    boolean tryStart();

    /// Roughly how many could be started now.
    int startable();

    /// How many there are.
    int running();

    /// Ends the wait of the worker that listens.
    void wakeListener();
  }

  private final IdleWorkers idle;
  private final Queue<?> ready;
  private final Crew crew;

  private final AtomicBoolean held = new AtomicBoolean();

  // written by the holder, read by workers that become idle
  private volatile boolean waitsForIdleWorker;

  // set by the last holder
  private volatile boolean ended;

  /// @param most how many workers there may be
  /// @param ready what waits to be served
  ListenerRole(int most, Queue<?> ready, Crew crew) {
    this.idle = new IdleWorkers(most);
    this.ready = ready;
    this.crew = crew;
  }

  // ---- any thread ----

  /// Takes the role.
  ///
  /// @return false if somebody has it
  boolean tryTake() {
    return held.compareAndSet(false, true);
  }

  /// Whether there is nothing to listen for any more.
  boolean ended() {
    return ended;
  }

  /// Roughly how many workers are idle.
  int idle() {
    return idle.count();
  }

  /// Roughly how many workers have nothing to do, those that could be started included.
  int available() {
    return idle.count() + crew.startable();
  }

  /// Takes a worker from the idle ones. The caller owes it a wake-up.
  ///
  /// @return its number, or -1 if none is idle
  int tryTakeIdle() {
    return idle.tryPop();
  }

  /// Puts a worker, which must not be there, among the idle ones, and wakes one if there is
  /// something to do: perhaps this one. It may park then.
  void rest(int worker) {
    idle.push(worker);
    if (!ready.isEmpty() || !held.get() || ended) {
      wakeIdle();
    } else if (waitsForIdleWorker) {
      crew.wakeListener();
    }
  }

  /// A thread has ended and its number is free: another may be started.
  void threadEnded() {
    if (!held.get()) {
      wakeIdle(); // it may have ended on its way to the role
    } else if (!ready.isEmpty() || waitsForIdleWorker) {
      crew.wakeListener();
    }
  }

  private boolean wakeIdle() {
    int worker = idle.tryPop();
    if (worker < 0) {
      return false;
    }
    crew.wake(worker);
    return true;
  }

  // ---- the holder ----

  /// Gives the role to an idle worker, or to a new one. Something has been put into `ready` before.
  ///
  /// @return false if there is neither: the caller keeps it
  boolean tryHandOn() {
    VarHandle.fullFence(); // the queue's offer is a release only
    int successor = idle.tryPop();
    if (successor >= 0) {
      held.set(false);
      crew.wake(successor);
      return true;
    }
    if (crew.tryStart()) {
      held.set(false);
      wakeIdle(); // the new one, if it has looked for the role already and parked
      return true;
    }
    if (crew.running() == 1) {
      held.set(false);
      return true;
    }
    return false;
  }

  /// Whether to be told when a worker becomes idle. Say so before counting the [#available()].
  void waitForIdleWorker(boolean value) {
    waitsForIdleWorker = value;
  }

  /// Gives the role away for good, and wakes everybody.
  void end() {
    ended = true;
    held.set(false);
    while (wakeIdle()) {}
  }
}
