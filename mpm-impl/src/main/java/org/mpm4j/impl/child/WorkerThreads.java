package org.mpm4j.impl.child;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.mpm4j.WorkerStatus;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker threads of a child: numbered, started on demand, and there again for another start
/// when they have ended.
final class WorkerThreads {
  /*
   * Overview: `absent` holds the numbers that have no thread, as IdleWorkers holds those that have
   * nothing to do. A thread's number is back in it as the last thing that the thread does.
   *
   * Ownership: one thread at a time starts others (the engine sees to it); any number of them end.
   *
   * Memory ordering: a thread that ends puts its number into `absent`, then runs `ended`, which looks
   * for work; whoever has work publishes it and then looks for a number to start. One sees the other,
   * as with IdleWorkers. A thread is in `threads` before it starts: whoever has raised the interruption
   * to terminate and then looks there finds every thread that may not have seen it.
   *
   * Shutdown: the last thread that was not dismissed to end runs `last` and opens
   * `terminated`.
   */

  private static final Logger log = LoggerFactory.getLogger(WorkerThreads.class);

  // how long no thread is asked for after the system refused one
  private static final long REFUSED_NANOS = 1_000_000_000L;

  /// What a thread does until it ends.
  interface Work {
    /// Runs to the thread's end.
    ///
    /// @param worker the thread's number
    /// @return whether [WorkerThreads#tryDismiss] has let it go
    boolean run(int worker, WorkerActivity activity);
  }

  private final Service service;
  private final ProcessScore score;
  private final String name;
  private final int least;
  private final ThreadCount running;
  private final Work work;
  private final Runnable ended;
  private final Runnable last;
  private final IdleWorkers absent;
  private final CountDownLatch terminated = new CountDownLatch(1);

  // each element is written by who starts the thread, and by the thread; any thread reads
  private final AtomicReferenceArray<@Nullable Thread> threads;
  private final AtomicReferenceArray<@Nullable WorkerActivity> activities;

  // written by who starts threads
  private volatile boolean refused;
  private volatile long refusedAt;

  /// @param name of the model
  /// @param least how many threads are never ended for want of work
  /// @param most how many threads there may be
  /// @param work what each of them does
  /// @param ended run by each as it ends, when its number is free again
  /// @param last run by the last of them
  WorkerThreads(
      Service service,
      ProcessScore score,
      String name,
      int least,
      int most,
      Work work,
      Runnable ended,
      Runnable last) {
    this.service = service;
    this.score = score;
    this.name = name;
    this.least = least;
    this.running = new ThreadCount(least);
    this.work = work;
    this.ended = ended;
    this.last = last;
    this.absent = new IdleWorkers(most);
    this.threads = new AtomicReferenceArray<>(most);
    this.activities = new AtomicReferenceArray<>(most);
    for (int worker = most - 1; worker >= 0; worker--) {
      absent.push(worker);
    }
  }

  /// Starts the least threads.
  ///
  /// @throws OutOfMemoryError if not one can be started
  void start() {
    running.add(); // so that one that fails at once is not taken for the last
    for (int i = 0; i < least; i++) {
      var _ = tryStart();
    }
    if (running.remove()) {
      throw new OutOfMemoryError("no thread could be started");
    }
  }

  /// Starts one more thread, unless there are as many as may be or the system refuses.
  boolean tryStart() {
    if (startable() == 0) {
      return false;
    }
    int worker = absent.tryPop();
    if (worker < 0) {
      return false;
    }
    Thread thread =
        Thread.ofPlatform().name("mpm-" + name + "-" + worker).unstarted(() -> run(worker));
    threads.set(worker, thread);
    running.add();
    synchronized (score) {
      score.threadStarted(worker);
    }
    try {
      thread.start();
      refused = false;
      return true;
    } catch (OutOfMemoryError e) { // what Thread.start throws when pthread_create fails
      log.error("cannot start a thread; the child goes on with {}", running.get() - 1, e);
      refusedAt = service.nanoTime.getAsLong();
      refused = true;
      leave(worker, false);
      return false;
    }
  }

  private void run(int worker) {
    boolean dismissed = false;
    try {
      score.worker(worker).status(WorkerStatus.STARTING);
      WorkerActivity activity = new WorkerActivity(score.worker(worker), service);
      activities.set(worker, activity);
      dismissed = work.run(worker, activity);
    } catch (Throwable e) {
      log.error("{} ended: the child has one worker less", Thread.currentThread().getName(), e);
    } finally {
      leave(worker, dismissed);
    }
  }

  private void leave(int worker, boolean dismissed) {
    activities.set(worker, null);
    score.worker(worker).status(WorkerStatus.DEAD);
    synchronized (score) {
      score.threadEnded();
    }
    absent.push(worker);
    if (!dismissed && running.remove()) {
      last.run();
      terminated.countDown();
    } else {
      ended.run();
    }
  }

  // ---- any thread ----

  /// Lets the calling thread go because there is no work for it, unless there are too few others.
  /// It does not count any more, and must end.
  boolean tryDismiss() {
    return running.tryDismiss();
  }

  /// Roughly how many threads could be started now.
  int startable() {
    boolean inVain = refused && service.nanoTime.getAsLong() - refusedAt < REFUSED_NANOS;
    return inVain ? 0 : absent.count();
  }

  /// How many threads there are.
  int running() {
    return running.get();
  }

  /// How many threads there may be.
  int most() {
    return threads.length();
  }

  /// What a thread does.
  ///
  /// @return null if there is no thread with that number
  @Nullable WorkerActivity activity(int worker) {
    return activities.get(worker);
  }

  void interrupt() {
    for (int worker = 0; worker < threads.length(); worker++) {
      Thread thread = threads.get(worker);
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  void unpark(int worker) {
    LockSupport.unpark(threads.get(worker));
  }

  void unparkAll() {
    for (int worker = 0; worker < threads.length(); worker++) {
      unpark(worker);
    }
  }

  /// Waits until all threads have ended.
  ///
  /// @param nanos how long at most
  /// @return whether they have
  boolean awaitTermination(long nanos) throws InterruptedException {
    if (!terminated.await(nanos, TimeUnit.NANOSECONDS)) {
      return false;
    }
    for (int worker = 0; worker < threads.length(); worker++) {
      Thread thread = threads.get(worker);
      if (thread != null) {
        thread.join(); // it has nothing more to do
      }
    }
    return true;
  }
}
