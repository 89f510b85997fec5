package org.mpm4j.impl.child;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.mpm4j.WorkerPool;

/// A pool whose tasks are marked as no exchanges. Any thread.
final class UncountedPool extends AbstractExecutorService implements WorkerPool {
  /// A task that is no exchange.
  record Task(Runnable task) implements Runnable {
    @Override
    public void run() {
      task.run();
    }

    @Override
    public String toString() {
      return task.toString();
    }
  }

  private final WorkerPool pool;

  UncountedPool(WorkerPool pool) {
    this.pool = pool;
  }

  private static Task marked(Runnable task) {
    return new Task(Objects.requireNonNull(task, "task"));
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(marked(task));
  }

  @Override
  public boolean tryExecute(Runnable task) {
    return pool.tryExecute(marked(task));
  }

  @Override
  public WorkerPool uncounted() {
    return this;
  }

  @Override
  public int threads() {
    return pool.threads();
  }

  @Override
  public int idleThreads() {
    return pool.idleThreads();
  }

  @Override
  public int busyThreads() {
    return pool.busyThreads();
  }

  @Override
  public int queued() {
    return pool.queued();
  }

  @Override
  public int maxThreads() {
    return pool.maxThreads();
  }

  @Override
  public void shutdown() {
    pool.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return pool.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return pool.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return pool.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return pool.awaitTermination(timeout, unit);
  }

  @Override
  public String toString() {
    return pool + ", uncounted";
  }
}
