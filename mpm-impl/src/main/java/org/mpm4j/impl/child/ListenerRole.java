package org.mpm4j.impl.child;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Who listens in the event engine, and how its workers sleep and are woken.
final class ListenerRole {
  /*
   * Overview: one worker at a time holds the role. Workers that have nothing to do are in `idle`; those
   * that were taken from it, or were started, are on their way and try the role before anything else.
   *
   * The holder has two ways to get a connection served. It can hand the role on and serve without it
   * (leader/follower): that costs a wake-up for each connection, and suits handlers that block. Or it can
   * keep the role while it serves, as a bare event loop does: no wake-up, and suits handlers that are
   * done in microseconds. For the second an idle worker watches: it sleeps for a moment at a time, and
   * takes the role away from a holder that it finds in the same turn twice. (Go's sysmon does so with a
   * thread that is in a system call for long.) The holder goes by what exchanges take on average, and by
   * whether the role was taken away of late.
   *
   * Invariant: the role is held by a worker that listens, or by one that serves and is watched, or a worker
   * that was woken or started is on its way to take it. It is given away only by waking an idle worker
   * or by starting one. (A child that has a single thread, because the system refused the others, serves
   * and listens in turn.)
   *
   * Memory ordering: the write or CAS that frees `word` and the CAS that takes it are the happens-before
   * edge for what belongs to the holder; it touches nothing of that while it serves. Between a holder
   * that begins to serve and a watcher that ends its watch: the former writes SERVING, then looks whether
   * somebody watches; the latter says that nobody does, then looks for SERVING, and frees the role. One
   * sees the other. No wake-up is lost between a worker that parks and one that has work: the former
   * pushes itself on `idle`, then looks at `ready`, `word` and `ended`; the latter offers, frees or
   * ends, then, behind a full fence (the queue's offer is a release only), pops from `idle`. One sees
   * the other. A thread that ends does the same with WorkerThreads' stack of absent numbers in the place
   * of `idle`. A listener that cannot accept for want of idle workers says so before it counts them; a
   * worker pushes itself before it looks whether one says so.
   */

  // word: the number of turns in the high bits, one of these in the low ones.
  // FREE, TAKEN_AWAY → LISTENING: taken
  // LISTENING → SERVING → LISTENING: a turn
  // LISTENING → FREE: handed on, or ended
  // SERVING → TAKEN_AWAY: by the watcher
  // SERVING → FREE: the watch ends
  private static final long FREE = 0;
  private static final long LISTENING = 1;
  private static final long SERVING = 2;
  private static final long TAKEN_AWAY = 3;
  private static final long STATES = 4;

  // What waking another thread costs twice or thrice: from there on it pays to serve without it.
  private static final int QUICK_NANOS = 30_000;
  private static final int LONGEST_SAMPLE = 1_000_000;
  private static final int SAMPLES = 16;

  // How often the role is handed on after it was taken away: the more often if that happens again
  // soon, because some of the handlers block; not often if it was the system that was busy.
  private static final int LEAST_CAUTION = 64;
  private static final int MOST_CAUTION = 4096;
  private static final int SOON = 4;

  private static final VarHandle COST =
      ConstantBootstraps.fieldVarHandle(
          MethodHandles.lookup(), "cost", VarHandle.class, ListenerRole.class, int.class);

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

  private final AtomicLong word = new AtomicLong();

  // whether an idle worker watches
  private final AtomicBoolean watched = new AtomicBoolean();

  // nanoseconds that an exchange takes on average; updates may be lost
  @SuppressWarnings("UnusedVariable") // the handle reads it
  private int cost;

  // the holder
  private int caution = LEAST_CAUTION;
  private long quickSince;

  // written by the holder, read by workers that become idle: how often the role is still handed on
  private volatile int cautiousTurns;

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
    long seen = word.get();
    long state = seen % STATES;
    if ((state != FREE && state != TAKEN_AWAY)
        || !word.compareAndSet(seen, seen - state + LISTENING)) {
      return false;
    }
    if (state == TAKEN_AWAY) {
      long turn = seen / STATES;
      boolean soon = turn - quickSince < (long) SOON * caution;
      caution = soon ? Math.min(MOST_CAUTION, 2 * caution) : LEAST_CAUTION;
      cautiousTurns = caution;
      quickSince = turn;
    }
    return true;
  }

  private boolean free() {
    long state = word.get() % STATES;
    return state == FREE || state == TAKEN_AWAY;
  }

  /// An exchange has taken so long.
  void served(long nanos) {
    int average = (int) COST.getOpaque(this);
    int sample = Math.clamp(nanos, 0, LONGEST_SAMPLE);
    COST.setOpaque(this, average + (sample - average) / SAMPLES);
  }

  /// Whether exchanges are so quick that it pays to keep the role.
  private boolean quick() {
    return cautiousTurns == 0 && (int) COST.getOpaque(this) <= QUICK_NANOS;
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
    if (!ready.isEmpty() || free() || ended) {
      wakeIdle();
    } else if (waitsForIdleWorker) {
      crew.wakeListener();
    }
  }

  /// A thread has ended and its number is free: another may be started.
  void threadEnded() {
    if (free()) {
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

  // ---- an idle worker, between rest() and its wake-up ----

  /// Begins to watch the holder, unless somebody does or there is no need.
  boolean tryWatch() {
    return quick() && !watched.get() && watched.compareAndSet(false, true);
  }

  /// What to compare the next look with.
  long look() {
    return word.get();
  }

  /// Takes the role away from a holder that has served since `look`, and wakes another worker.
  ///
  /// @return false if it listens, or has listened since
  boolean tryTakeAway(long look) {
    if (look % STATES != SERVING || !word.compareAndSet(look, look - SERVING + TAKEN_AWAY)) {
      return false;
    }
    wakeIdle(); // if there is none, the watcher itself was taken from them, and looks for the role
    return true;
  }

  /// Ends the watch, in the sleep or after it.
  void endWatch() {
    watched.set(false);
    long seen = word.get();
    if (seen % STATES == SERVING && word.compareAndSet(seen, seen - SERVING + FREE)) {
      wakeIdle();
    }
  }

  // ---- the holder ----

  /// Keeps the role for the time of one exchange, if that is better than to hand it on.
  ///
  /// @return what to [#resume] with; 0 if it is not, or nobody would notice how long it takes
  long tryServe() {
    if (!quick() || !watched.get()) {
      return 0;
    }
    long serving = word.get() + STATES - LISTENING + SERVING;
    word.set(serving);
    if (watched.get()) {
      return serving;
    }
    return resume(serving) ? 0 : serving; // taken away already
  }

  /// Listens again.
  ///
  /// @return false if the role was taken away: the caller has it no more
  boolean resume(long serving) {
    return word.compareAndSet(serving, serving - SERVING + LISTENING);
  }

  private void release() {
    word.set(word.get() - LISTENING + FREE);
  }

  /// Gives the role to an idle worker, or to a new one. Something has been put into `ready` before.
  ///
  /// @return false if there is neither: the caller keeps it
  boolean tryHandOn() {
    VarHandle.fullFence(); // the queue's offer is a release only
    int turns = cautiousTurns;
    if (turns > 0) {
      cautiousTurns = turns - 1;
    }
    int successor = idle.tryPop();
    if (successor >= 0) {
      release();
      crew.wake(successor);
      return true;
    }
    if (crew.startable() > 0) {
      release(); // first: a new worker that does not find the role free may serve, and block
      if (crew.tryStart() || !tryTake()) {
        return true;
      }
    }
    if (crew.running() == 1) {
      release();
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
    release();
    while (wakeIdle()) {}
  }
}
