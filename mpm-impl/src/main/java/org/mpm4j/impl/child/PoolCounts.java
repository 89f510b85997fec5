package org.mpm4j.impl.child;

import java.util.concurrent.atomic.AtomicLong;

/// How many threads a [StandardWorkerPool] has and how many it has to spare: one word, so that each
/// decision and its effect are one step. Any thread.
final class PoolCounts {
  /*
   * Overview (after Jetty's QueuedThreadPool): a thread *rests* while it runs no task, and a task
   * *waits* from when it is accepted until a thread has taken it from the queue or it was taken back.
   * `balance` is resting threads less waiting tasks: above zero so many threads are idle, below zero so
   * many tasks are queued, and it does not matter which thread takes which task.
   *
   *                                  threads  balance
   *   a task is accepted                        -1
   *   ... with a thread of its own     +1             the thread rests, the task waits: 0
   *   a spare thread is started        +1       +1
   *   a thread takes a task                           rests no more, waits no more: 0
   *   a task has ended, or waits no
   *   more because it was taken back            +1
   *   a resting thread ends            -1       -1    only if balance > 0: no waiting task needs it
   *   the system refused a thread      -1       -1    0 if it had a task, which was not offered
   *
   * So a thread that ends leaves at least as many resting threads as tasks wait; that each of them finds
   * its task is TaskHandOff's part. Only a refused thread can leave tasks behind that nobody rests for;
   * the next start, or the next look at the pool, makes up for it.
   *
   * `fewest` is the least number of idle threads since the last look at it.
   *
   * States: RUNNING → SHUTDOWN → STOPPING → STOPPED, or past SHUTDOWN. The state is in the word, so a task
   * is accepted before the shutdown, or never.
   *
   * Memory ordering: all changes are a volatile CAS of the one word.
   */

  /// Tasks are accepted.
  static final int RUNNING = 0;

  /// No more; those that wait are run.
  static final int SHUTDOWN = 1;

  /// Nobody takes tasks from the queue but the one who stops the pool.
  static final int STOPPING = 2;

  /// What was late for that is run, interrupted.
  static final int STOPPED = 3;

  /// The limit that 15 bits set.
  static final int MOST_THREADS = 0x7fff;

  private static final int FEWEST_SHIFT = 32;
  private static final int THREADS_SHIFT = 47;
  private static final int STATE_SHIFT = 62;

  /// What becomes of a task.
  enum Claim {
    /// Accepted: a resting thread will take it.
    IDLE_THREAD,
    /// Accepted: the caller starts a thread with it, or calls [PoolCounts#refused(boolean)].
    NEW_THREAD,
    /// Accepted: it waits until a thread is done with another one.
    QUEUE,
    /// Not accepted: there is no room.
    FULL,
    /// Not accepted: the pool was shut down.
    CLOSED
  }

  private final int minSpare;
  private final int maxThreads;
  private final int capacity;
  private final AtomicLong word = new AtomicLong();

  /// @param minSpare how many threads are not ended for want of work
  /// @param maxThreads at most [#MOST_THREADS]
  /// @param capacity how many tasks may be queued
  PoolCounts(int minSpare, int maxThreads, int capacity) {
    this.minSpare = minSpare;
    this.maxThreads = maxThreads;
    this.capacity = capacity;
  }

  // ---- the word ----

  static int state(long word) {
    return (int) (word >>> STATE_SHIFT);
  }

  static int threads(long word) {
    return (int) (word >>> THREADS_SHIFT) & MOST_THREADS;
  }

  private static int fewest(long word) {
    return (int) (word >>> FEWEST_SHIFT) & MOST_THREADS;
  }

  static int balance(long word) {
    return (int) word;
  }

  private static long word(int state, int threads, int fewest, int balance) {
    return (long) state << STATE_SHIFT
        | (long) threads << THREADS_SHIFT
        | (long) fewest << FEWEST_SHIFT
        | (balance & 0xffff_ffffL);
  }

  private static long changed(long seen, int threads, int balance) {
    int after = balance(seen) + balance;
    int fewest = Math.min(fewest(seen), Math.max(0, after));
    return word(state(seen), threads(seen) + threads, fewest, after);
  }

  /// The counts at one moment.
  long now() {
    return word.get();
  }

  static int idle(long word) {
    return Math.max(0, balance(word));
  }

  static int busy(long word) {
    return Math.max(0, threads(word) - idle(word));
  }

  static int queued(long word) {
    return Math.max(0, -balance(word));
  }

  /// Whether the last thread has ended after a shutdown, and no task is left.
  boolean terminated() {
    long seen = word.get();
    return state(seen) != RUNNING && threads(seen) == 0 && balance(seen) == 0;
  }

  int state() {
    return state(word.get());
  }

  // ---- who has a task ----

  /// Accepts a task, or not.
  ///
  /// @param mayStart whether a thread may be started for it
  /// @param mayWait whether it may wait for another one to end
  Claim claim(boolean mayStart, boolean mayWait) {
    while (true) {
      long seen = word.get();
      Claim claim = decide(seen, mayStart, mayWait);
      long then =
          switch (claim) {
            case IDLE_THREAD, QUEUE -> changed(seen, 0, -1);
            case NEW_THREAD -> changed(seen, 1, 0);
            case FULL, CLOSED -> seen;
          };
      if (then == seen || word.compareAndSet(seen, then)) {
        return claim;
      }
    }
  }

  private Claim decide(long seen, boolean mayStart, boolean mayWait) {
    if (state(seen) != RUNNING) {
      return Claim.CLOSED;
    }
    if (balance(seen) > 0) {
      return Claim.IDLE_THREAD;
    }
    if (mayStart && threads(seen) < maxThreads) {
      return Claim.NEW_THREAD;
    }
    return mayWait && threads(seen) > 0 && balance(seen) > -capacity ? Claim.QUEUE : Claim.FULL;
  }

  /// Claims a thread to start because too few are idle, or because tasks wait that a refused one
  /// was to serve.
  ///
  /// @return whether the caller has to start it, or to call [#refused(boolean)]
  boolean claimSpare() {
    while (true) {
      long seen = word.get();
      int least = state(seen) == RUNNING ? minSpare : 0;
      if (balance(seen) >= least || threads(seen) >= maxThreads) {
        return false;
      }
      if (word.compareAndSet(seen, changed(seen, 1, 1))) {
        return true;
      }
    }
  }

  /// A claimed thread could not be started.
  ///
  /// @param withTask whether it was claimed for a task, which is not accepted any more
  void refused(boolean withTask) {
    change(-1, withTask ? 0 : -1);
  }

  /// A task that waited was taken back.
  void takenBack() {
    change(0, 1);
  }

  // ---- the pool's threads ----

  /// The thread rests: its task has ended.
  void rest() {
    change(0, 1);
  }

  /// Whether the resting thread that calls should end because of a shutdown.
  boolean mayEnd() {
    long seen = word.get();
    return state(seen) != RUNNING && balance(seen) > 0;
  }

  /// Lets the resting thread that calls end: after a shutdown if no task waits for it, before that
  /// if it was told that it is too many and enough idle ones are left. It does not count any more.
  ///
  /// @param retired whether it was told
  boolean tryEnd(boolean retired) {
    while (true) {
      long seen = word.get();
      boolean running = state(seen) == RUNNING;
      if (running ? !retired || balance(seen) <= minSpare : balance(seen) <= 0) {
        return false;
      }
      if (word.compareAndSet(seen, changed(seen, -1, -1))) {
        return true;
      }
    }
  }

  private void change(int threads, int balance) {
    long seen;
    do {
      seen = word.get();
    } while (!word.compareAndSet(seen, changed(seen, threads, balance)));
  }

  // ---- who looks at the pool, or ends it ----

  /// How few threads were idle since this was last called.
  int restartFewest() {
    while (true) {
      long seen = word.get();
      long then = word(state(seen), threads(seen), Math.max(0, balance(seen)), balance(seen));
      if (word.compareAndSet(seen, then)) {
        return fewest(seen);
      }
    }
  }

  /// Goes on to a later state.
  void advance(int state) {
    while (true) {
      long seen = word.get();
      if (state(seen) >= state) {
        return;
      }
      if (word.compareAndSet(seen, word(state, threads(seen), fewest(seen), balance(seen)))) {
        return;
      }
    }
  }
}
