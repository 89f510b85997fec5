package org.mpm4j.impl.child;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ServerLoad;
import org.mpm4j.WorkerPool;
import org.mpm4j.spi.WorkerPoolSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker pool: threads for [PoolCounts]' decisions and [TaskHandOff]'s tasks.
public final class StandardWorkerPool extends AbstractExecutorService implements WorkerPool {
  /*
   * Overview: execute() asks PoolCounts what becomes of the task. One that gets a new thread is given to
   * it as its first; all others go through TaskHandOff, so that they begin in order. Whoever has handed a
   * task in starts one spare thread if too few are idle now.
   *
   *                              ┌──────────────────────────────┐
   *                              ▼                              │ taken from the queue
   *   started ──► with a task: runs ──► rests ──► looks for a task ──► sleeps ──► woken: looks
   *          └──► as a spare one: rests ┘              └──► ends: retired, or after a shutdown
   *
   * Ownership: a number belongs to one thread from when it is taken from `absent` until it is back there.
   * A thread gives it back as the last thing that it does, when it does not count any more; who starts one
   * at that moment waits for that. A task belongs to who has it: caller, queue, thread.
   *
   * Memory ordering: a task is published by Thread.start or by the queue. A worker stands in `workers`
   * before its thread starts. For lost wake-ups see TaskHandOff.
   *
   * Interrupts: a thread forgets a pending interrupt before each task and while it sleeps. shutdownNow()
   * raises the state, then interrupts; a thread forgets, then looks at the state, and interrupts itself.
   * So each task that runs then is interrupted, and none is by what was meant for another.
   *
   * Shutdown: the state ends the accepting in the word that also counts, so a task is accepted and run, or
   * rejected. shutdownNow() empties the queue while no thread takes from it (STOPPING); a task that was
   * accepted before and is offered later is run by a thread that is still counted for it (STOPPED). The
   * last thread to end opens `terminated`.
   */

  private static final Logger log = LoggerFactory.getLogger(StandardWorkerPool.class);

  // how long no thread is asked for after the system refused one
  private static final long REFUSED_NANOS = 1_000_000_000L;

  /// Starts a thread, or throws what [Thread#start] throws.
  @FunctionalInterface
  interface Starter {
    void start(Thread thread);
  }

  private final WorkerPoolSettings settings;
  private final LongSupplier nanoTime;
  private final Starter starter;
  private final @Nullable ServerLoad load;
  private final UncountedPool uncounted;
  private final PoolCounts counts;
  private final TaskHandOff handOff;
  private final IdleWorkers absent;
  private final CountDownLatch terminated = new CountDownLatch(1);

  // each element is written by who starts the thread and by the thread as it ends; any thread reads
  private final AtomicReferenceArray<@Nullable Worker> workers;

  // any thread
  private volatile boolean refused;
  private volatile long refusedAt;
  private volatile @Nullable Future<?> looks;

  // guarded by this
  private final PoolShrink shrink;

  /// @param starter starts the threads
  /// @param load where to report each task as an exchange; null for nowhere
  StandardWorkerPool(
      WorkerPoolSettings settings,
      LongSupplier nanoTime,
      Starter starter,
      @Nullable ServerLoad load) {
    int most = settings.maxThreads();
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.starter = starter;
    this.load = load;
    this.uncounted = new UncountedPool(this);
    this.counts = new PoolCounts(settings.minSpareThreads(), most, settings.queueCapacity());
    this.handOff = new TaskHandOff(counts, most, settings.queueCapacity(), this::wake);
    this.absent = new IdleWorkers(most);
    this.workers = new AtomicReferenceArray<>(most);
    this.shrink =
        new PoolShrink(
            settings.minSpareThreads(), settings.maxSpareThreads(), settings.idleTime().toNanos());
    for (int number = most - 1; number >= 0; number--) {
      absent.push(number);
    }
  }

  /// Opens a pool that looks after itself.
  ///
  /// @param load where to report each task as an exchange; null for nowhere
  public static StandardWorkerPool open(WorkerPoolSettings settings, @Nullable ServerLoad load) {
    StandardWorkerPool pool =
        new StandardWorkerPool(settings, System::nanoTime, Thread::start, load);
    pool.startSpares();
    pool.lookWith(ForkJoinPool.commonPool());
    return pool;
  }

  /// Starts the spare threads.
  void startSpares() {
    while (topUp()) {}
  }

  private void lookWith(ScheduledExecutorService scheduler) {
    long period = settings.idleTime().toNanos() / PoolShrink.LOOKS;
    looks = scheduler.scheduleWithFixedDelay(this::look, period, period, TimeUnit.NANOSECONDS);
  }

  /// Ends a thread that is too many, and starts one that is missing.
  synchronized void look() {
    if (shrink.look(counts.restartFewest(), nanoTime.getAsLong())) {
      int number = handOff.tryPop();
      if (number >= 0) {
        worker(number).retire();
      }
    }
    topUp();
  }

  // ---- tasks ----

  @Override
  public void execute(Runnable task) {
    Objects.requireNonNull(task, "task");
    switch (accept(task, true)) {
      case CLOSED -> throw new RejectedExecutionException(task + " rejected: " + this);
      case FULL ->
          throw new RejectedExecutionException(
              task
                  + " rejected: maxThreads="
                  + settings.maxThreads()
                  + " and queueCapacity="
                  + settings.queueCapacity()
                  + " do not allow more: "
                  + this);
      case IDLE_THREAD, NEW_THREAD, QUEUE -> {}
    }
  }

  @Override
  public boolean tryExecute(Runnable task) {
    Objects.requireNonNull(task, "task");
    return switch (accept(task, false)) {
      case IDLE_THREAD, NEW_THREAD -> true;
      case QUEUE, FULL, CLOSED -> false;
    };
  }

  private PoolCounts.Claim accept(Runnable task, boolean mayWait) {
    PoolCounts.Claim claim = counts.claim(!refusedLately(), mayWait);
    if (claim == PoolCounts.Claim.NEW_THREAD && !start(task)) {
      claim = counts.claim(false, mayWait);
    }
    switch (claim) {
      case IDLE_THREAD, QUEUE -> {
        handOff.offer(task);
        topUp();
      }
      case NEW_THREAD -> topUp();
      case FULL, CLOSED -> {}
    }
    return claim;
  }

  // ---- threads ----

  private boolean refusedLately() {
    return refused && nanoTime.getAsLong() - refusedAt < REFUSED_NANOS;
  }

  /// Starts a spare thread if there are too few.
  private boolean topUp() {
    return !refusedLately() && counts.claimSpare() && start(null);
  }

  /// Starts a thread that was claimed.
  private boolean start(@Nullable Runnable first) {
    int number = absent.tryPop();
    while (number < 0) {
      LockSupport.parkNanos(
          this, 1_000); // one that does not count any more is about to give it back
      number = absent.tryPop();
    }
    Worker worker = new Worker(number, first);
    workers.set(number, worker);
    try {
      starter.start(worker.thread);
      refused = false;
      return true;
    } catch (OutOfMemoryError e) { // what Thread.start throws when pthread_create fails
      refusedAt = nanoTime.getAsLong();
      refused = true;
      giveBack(number);
      counts.refused(first != null);
      openIfTerminated();
      log.error("cannot start a thread; the pool goes on as {}", this, e);
      return false;
    }
  }

  private void giveBack(int number) {
    workers.set(number, null);
    absent.push(number);
  }

  private Worker worker(int number) {
    return Objects.requireNonNull(workers.get(number), "a thread that sleeps has its number");
  }

  private void wake(int number) {
    worker(number).wake();
  }

  private final class Worker implements Runnable {
    final Thread thread;
    private final int number;
    private final Parker parker = new Parker();

    // the thread only, when it runs
    private @Nullable Runnable task;

    Worker(int number, @Nullable Runnable first) {
      this.number = number;
      this.task = first;
      this.thread =
          Thread.ofPlatform()
              .name(settings.threadNamePrefix() + number)
              .daemon(false)
              .unstarted(this);
    }

    void wake() {
      parker.wake();
      LockSupport.unpark(thread);
    }

    void retire() {
      parker.retire();
      LockSupport.unpark(thread);
    }

    @Override
    public void run() {
      while (true) {
        Runnable next = task != null ? task : handOff.poll();
        task = null; // so that it can be collected while the thread sleeps
        if (next != null) {
          parker.stay(); // it was of use
          serve(next);
          counts.rest();
        } else if (counts.tryEnd(parker.retired())) {
          break;
        } else {
          sleep();
        }
      }
      giveBack(number);
      handOff.ended();
      openIfTerminated();
    }

    private void serve(Runnable next) {
      Thread.interrupted(); // what is pending was meant for another task
      if (counts.state() >= PoolCounts.STOPPING) {
        thread.interrupt();
      }
      try {
        if (next instanceof UncountedPool.Task task) {
          task.run();
        } else if (load == null) {
          next.run();
        } else {
          try (ServerLoad.Exchange _ = load.begin()) {
            next.run();
          }
        }
      } catch (Throwable e) {
        tell(e);
      }
    }

    private void tell(Throwable failure) {
      try {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
      } catch (Throwable e) {
        log.error("the handler of {} failed with what a task threw", thread.getName(), e);
      }
    }

    private void sleep() {
      parker.prepare();
      handOff.rest(number);
      parker.await();
    }
  }

  // ---- the end ----

  @Override
  public void shutdown() {
    counts.advance(PoolCounts.SHUTDOWN);
    handOff.wakeAll();
    openIfTerminated();
  }

  @Override
  public List<Runnable> shutdownNow() {
    counts.advance(PoolCounts.STOPPING);
    List<Runnable> waiting = new ArrayList<>();
    for (Runnable task = handOff.takeBack(); task != null; task = handOff.takeBack()) {
      waiting.add(task instanceof UncountedPool.Task uncounted ? uncounted.task() : task);
    }
    for (int number = 0; number < workers.length(); number++) {
      Worker worker = workers.get(number);
      if (worker != null) {
        worker.thread.interrupt();
      }
    }
    counts.advance(PoolCounts.STOPPED);
    handOff.wakeAll();
    openIfTerminated();
    return waiting;
  }

  private void openIfTerminated() {
    if (counts.terminated()) {
      terminated.countDown();
      Future<?> ending = looks;
      if (ending != null) {
        ending.cancel(false);
      }
    }
  }

  @Override
  public boolean isShutdown() {
    return counts.state() != PoolCounts.RUNNING;
  }

  @Override
  public boolean isTerminated() {
    return terminated.getCount() == 0;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }

  // ---- observers ----

  @Override
  public WorkerPool uncounted() {
    return uncounted;
  }

  @Override
  public int threads() {
    return PoolCounts.threads(counts.now());
  }

  @Override
  public int idleThreads() {
    return PoolCounts.idle(counts.now());
  }

  @Override
  public int busyThreads() {
    return PoolCounts.busy(counts.now());
  }

  @Override
  public int queued() {
    return PoolCounts.queued(counts.now());
  }

  @Override
  public int maxThreads() {
    return settings.maxThreads();
  }

  /// The numbers of one moment.
  @Override
  public String toString() {
    long now = counts.now();
    String state = PoolCounts.state(now) == PoolCounts.RUNNING ? "running" : "shut down";
    return "WorkerPool "
        + settings.threadNamePrefix()
        + " ("
        + (isTerminated() ? "terminated" : state)
        + (refusedLately() ? ", the system refuses threads" : "")
        + "): "
        + PoolCounts.busy(now)
        + " busy and "
        + PoolCounts.idle(now)
        + " idle of at most "
        + settings.maxThreads()
        + " threads, "
        + PoolCounts.queued(now)
        + " of at most "
        + settings.queueCapacity()
        + " tasks queued";
  }
}
