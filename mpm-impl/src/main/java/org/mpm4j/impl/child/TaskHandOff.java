package org.mpm4j.impl.child;

import java.lang.invoke.VarHandle;
import java.util.function.IntConsumer;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// How accepted tasks come to the threads of a [StandardWorkerPool], without threads of its own.
/// Threads are numbered; any thread may call.
final class TaskHandOff {
  /*
   * Overview: a queue, and the stack of the threads that sleep. A thread that rests polls; if there is
   * nothing it pushes itself and sleeps until woken. Whoever has offered a task wakes one that sleeps.
   *
   * Invariant: when nothing is under way, a thread sleeps only if the queue is empty, and after a
   * shutdown only if a task has yet to be offered for it (PoolCounts' balance is not above zero).
   *
   * Memory ordering: a thread pushes itself, then looks at the queue and the state; an offer or a change
   * of state comes before the pop, behind a full fence (the queue's offer is a release only). One sees the
   * other (Dekker). Whoever finds that a thread sleeps in vain wakes the one on top, perhaps another: all
   * that rest are alike. A thread that ends after a shutdown wakes the next, which looks again.
   *
   * The queue never is full: it has room for all that may be queued and for one more task for each thread.
   */

  private final PoolCounts counts;
  private final MpmcVarHandleArrayQueue<Runnable> queue;
  private final IdleWorkers asleep;
  private final IntConsumer wake;

  /// @param threads how many there may be: their numbers are below it
  /// @param wake wakes the thread with that number
  TaskHandOff(PoolCounts counts, int threads, int capacity, IntConsumer wake) {
    this.counts = counts;
    this.queue = new MpmcVarHandleArrayQueue<>(Math.max(2, threads + capacity));
    this.asleep = new IdleWorkers(threads);
    this.wake = wake;
  }

  // ---- who has a task, or ends the pool ----

  /// Hands over a task that was accepted.
  void offer(Runnable task) {
    if (!queue.offer(task)) {
      throw new IllegalStateException("the queue has no room for a task that was accepted");
    }
    VarHandle.fullFence(); // the queue's offer is a release only
    wakeOne();
  }

  /// Takes a task back that no thread has taken.
  ///
  /// @return null if there is none
  @Nullable Runnable takeBack() {
    Runnable task = queue.poll();
    if (task != null) {
      counts.takenBack();
    }
    return task;
  }

  /// Tells the threads that sleep that the state has changed.
  void wakeAll() {
    for (int woken = 0; woken < PoolCounts.MOST_THREADS && wakeOne(); woken++) {}
  }

  /// Takes a thread that sleeps, to tell it something. The caller owes it a wake-up.
  ///
  /// @return its number, or -1 if none sleeps
  int tryPop() {
    return asleep.tryPop();
  }

  private boolean wakeOne() {
    int number = asleep.tryPop();
    if (number < 0) {
      return false;
    }
    wake.accept(number);
    return true;
  }

  // ---- the pool's threads ----

  /// Takes a task.
  ///
  /// @return null if there is none for now
  @Nullable Runnable poll() {
    return counts.state() == PoolCounts.STOPPING ? null : queue.poll();
  }

  /// The calling thread is about to sleep until it is woken, which may be at once.
  void rest(int number) {
    asleep.push(number);
    boolean work = !queue.isEmpty() && counts.state() != PoolCounts.STOPPING;
    if (work || counts.mayEnd()) {
      wakeOne(); // perhaps the caller
    }
  }

  /// The calling thread has ended: after a shutdown the next one should look.
  void ended() {
    if (counts.state() != PoolCounts.RUNNING) {
      wakeOne();
    }
  }
}
