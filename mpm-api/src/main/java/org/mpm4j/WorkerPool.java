package org.mpm4j;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.mpm4j.spi.MpmProvider;
import org.mpm4j.spi.WorkerPoolSettings;

/// A pool of platform threads with httpd's spare threads, for servers that take an [Executor] or an
/// [ExecutorService].
///
/// ```java
/// try (WorkerPool workers = WorkerPool.builder().maxThreads(50).minSpareThreads(5).build()) {
///   httpServer.setExecutor(workers);
///   ...
/// }
/// ```
///
/// **It grows before it queues.** A task goes to an idle thread; if none is idle, to a new one;
/// only when `maxThreads` are busy does it wait, and only when `queueCapacity` tasks wait is it
/// rejected. Waiting tasks begin in the order in which they came.
///
/// **Spare threads.** When a task was taken and less than `minSpareThreads` threads are left idle,
/// one more is started, so that the next task finds a thread that runs. These threads are there
/// when the pool is built.
///
/// **It shrinks slowly.** In each sixtieth of `idleTime` (a second, unless set) at most one thread
/// ends: because there were more than `maxSpareThreads` idle all the time since the last look, or
/// because it was one of those that were too many for a whole `idleTime`. `minSpareThreads` idle
/// ones are left.
///
/// **Tasks.** A task that throws goes to its thread's [Thread.UncaughtExceptionHandler], as in any
/// pool; the thread stays and goes on. A task begins without a pending interrupt, unless
/// [#shutdownNow()] was called, and what is pending when it ends is forgotten. Actions before a
/// task is handed in happen-before the task begins, and its actions happen-before whatever its
/// [java.util.concurrent.Future] or [#awaitTermination] tells.
///
/// **The end** is that of any [ExecutorService]. A task whose `execute` overlaps with
/// [#shutdownNow()] is rejected, returned or run (with a pending interrupt): one of the three,
/// once.
///
/// If the system refuses a thread, the pool goes on with those that it has and asks again a second
/// later; a task is rejected for that reason only if there is no thread at all or the queue is
/// full.
///
/// Every method may be called from any thread, the pool's own too. None blocks but those of
/// [ExecutorService] that say so. The threads are no daemons. Implemented by mpm4j only; methods
/// may be added.
public interface WorkerPool extends ExecutorService {
  /// Runs a task at some time, on one of the pool's threads. May start up to two threads, and does
  /// not block otherwise.
  ///
  /// @param task what to run
  /// @throws RejectedExecutionException if the pool was shut down, or `maxThreads` threads are busy
  ///   and the queue is full; the message has the numbers
  @Override
  void execute(Runnable task);

  /// Runs a task now or not at all: only if a thread is idle, or one more may be and was started.
  /// The task never waits for another one to end.
  ///
  /// @param task what to run
  /// @return whether it was taken; false also when the pool was shut down
  boolean tryExecute(Runnable task);

  /// The same threads, for tasks that are no exchange, such as a selector's loop: they are not
  /// reported where [ServerContext#workers()] would report them. In any other pool there is no
  /// difference.
  ///
  /// @return a view of this pool; shutting it down shuts this pool down
  WorkerPool uncounted();

  /// How many threads there are, those included that are just being started.
  ///
  /// @return 0 to `maxThreads`
  int threads();

  /// How many threads no task has been given to.
  ///
  /// @return 0 or more
  int idleThreads();

  /// How many threads run a task or were given one: `threads` less `idleThreads`, but for changes
  /// in between.
  ///
  /// @return 0 to `maxThreads`
  int busyThreads();

  /// How many tasks wait for a thread.
  ///
  /// @return 0 to `queueCapacity`; while the system refuses threads or the pool is being shut down
  ///   it may be read too high or too low for a moment
  int queued();

  /// The limit that was set.
  ///
  /// @return `maxThreads`
  int maxThreads();

  /// Begins a pool.
  ///
  /// @return the default settings
  static Builder builder() {
    return new Builder();
  }

  /// What a pool is to be like. For one thread.
  final class Builder {
    /// The most threads that a pool may have: counters are packed into one word.
    public static final int MOST_THREADS = 32_767;

    /// The longest queue that a pool may have.
    public static final int MOST_QUEUED = 1 << 20;

    private static final Duration LEAST_IDLE_TIME = Duration.ofMillis(60);
    private static final Duration MOST_IDLE_TIME = Duration.ofDays(365);

    private int minSpareThreads = 2;
    private boolean minSpareGiven;
    private int maxSpareThreads = -1;
    private int maxThreads = 25;
    private int queueCapacity = 4096;
    private Duration idleTime = Duration.ofSeconds(60);
    private String threadNamePrefix = "mpm-pool-";

    private Builder() {}

    /// Sets how many idle threads are kept ahead of need. Default: 2, or `maxThreads` if that is
    /// less.
    ///
    /// @param count 0 to `maxThreads`
    /// @return this
    /// @throws IllegalArgumentException if it is below 0 or above [#MOST_THREADS]
    public Builder minSpareThreads(int count) {
      minSpareThreads = within("minSpareThreads", count, 0, MOST_THREADS);
      minSpareGiven = true;
      return this;
    }

    /// Sets beyond how many idle threads they end without waiting for `idleTime`. Default:
    /// `maxThreads`, so that none does.
    ///
    /// @param count `minSpareThreads` to `maxThreads`
    /// @return this
    /// @throws IllegalArgumentException if it is below 0 or above [#MOST_THREADS]
    public Builder maxSpareThreads(int count) {
      maxSpareThreads = within("maxSpareThreads", count, 0, MOST_THREADS);
      return this;
    }

    /// Sets how many threads there may be. Default: 25, httpd's `ThreadsPerChild`.
    ///
    /// @param count 1 to [#MOST_THREADS]
    /// @return this
    /// @throws IllegalArgumentException if it is not
    public Builder maxThreads(int count) {
      maxThreads = within("maxThreads", count, 1, MOST_THREADS);
      return this;
    }

    /// Sets how many tasks may wait while `maxThreads` are busy. Default: 4,096, as many
    /// connections as Linux lets wait in a backlog (`net.core.somaxconn`): a burst that the kernel
    /// lets through finds room, and an overload is refused and not remembered without end. 0 hands
    /// over only: what no thread can begin at once is rejected.
    ///
    /// @param tasks 0 to [#MOST_QUEUED]
    /// @return this
    /// @throws IllegalArgumentException if it is not
    public Builder queueCapacity(int tasks) {
      queueCapacity = within("queueCapacity", tasks, 0, MOST_QUEUED);
      return this;
    }

    /// Sets for how long threads are watched before those that were too many all the time begin to
    /// end. Default: 60 s.
    ///
    /// @param time 60 ms to 365 days
    /// @return this
    /// @throws IllegalArgumentException if it is not
    public Builder idleTime(Duration time) {
      if (time.compareTo(LEAST_IDLE_TIME) < 0 || time.compareTo(MOST_IDLE_TIME) > 0) {
        throw new IllegalArgumentException(
            "idleTime is " + time + ", expected " + LEAST_IDLE_TIME + " to " + MOST_IDLE_TIME);
      }
      idleTime = time;
      return this;
    }

    /// Sets what the threads are called: the prefix with a number behind it. Default: `mpm-pool-`.
    ///
    /// @param prefix not blank
    /// @return this
    /// @throws IllegalArgumentException if it is
    public Builder threadNamePrefix(String prefix) {
      if (Objects.requireNonNull(prefix, "threadNamePrefix").isBlank()) {
        throw new IllegalArgumentException(
            "threadNamePrefix is '" + prefix + "', expected a text that is not blank");
      }
      threadNamePrefix = prefix;
      return this;
    }

    /// Builds the pool and starts `minSpareThreads` threads.
    ///
    /// @return the pool; [WorkerPool#close()] ends it
    /// @throws IllegalArgumentException if the numbers of threads do not go together
    /// @throws IllegalStateException if no implementation of mpm4j is found
    public WorkerPool build() {
      return MpmProvider.installed().workerPool(settings());
    }

    /// What [#build()] hands to the implementation.
    ///
    /// @return the settings, checked, with their defaults
    /// @throws IllegalArgumentException if the numbers of threads do not go together
    public WorkerPoolSettings settings() {
      int min = minSpareGiven ? minSpareThreads : Math.min(minSpareThreads, maxThreads);
      within("minSpareThreads", min, 0, maxThreads, "maxThreads");
      int max = maxSpareThreads < 0 ? maxThreads : maxSpareThreads;
      within("maxSpareThreads", max, 0, maxThreads, "maxThreads");
      if (max < min) {
        throw new IllegalArgumentException(
            "maxSpareThreads is " + max + ", expected at least minSpareThreads, which is " + min);
      }
      return new WorkerPoolSettings(
          min, max, maxThreads, queueCapacity, idleTime, threadNamePrefix);
    }

    private static int within(String name, int value, int least, int most) {
      return within(name, value, least, most, "");
    }

    private static int within(String name, int value, int least, int most, String limit) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            name
                + " is "
                + value
                + ", expected "
                + least
                + " to "
                + (limit.isEmpty() ? "" : limit + ", which is ")
                + most);
      }
      return value;
    }
  }
}
