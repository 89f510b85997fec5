package org.mpm4j.examples.servers.executors;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.eclipse.jetty.util.thread.ThreadPoolBudget;
import org.eclipse.jetty.util.thread.TryExecutor;
import org.mpm4j.WorkerPool;

/// A worker pool as Jetty's thread pool: `new Server(new JettyWorkers(workers))`.
///
/// Jetty runs its acceptors and selectors in it as long as it lives, so the pool needs threads for
/// them beside those for requests; Jetty refuses to start where there are too few. They are no
/// exchanges, and a selector's thread may go on as a request's: report requests in a handler.
///
/// Whoever has built the pool closes it, after Jetty was stopped.
public final class JettyWorkers implements ThreadPool.SizedThreadPool, TryExecutor {
  private final WorkerPool workers;
  private final ThreadPoolBudget budget;

  /// @param workers where Jetty's tasks run, none of them counted as an exchange
  public JettyWorkers(WorkerPool workers) {
    this.workers = workers.uncounted();
    this.budget = new ThreadPoolBudget(this);
  }

  @Override
  public void execute(Runnable task) {
    workers.execute(task);
  }

  /// What Jetty asks when a selector's thread is to run a request itself: whether another thread
  /// goes on selecting at once.
  @Override
  public boolean tryExecute(Runnable task) {
    return workers.tryExecute(task);
  }

  @Override
  public int getThreads() {
    return workers.threads();
  }

  @Override
  public int getIdleThreads() {
    return workers.idleThreads();
  }

  /// Whether the next task would have to wait.
  @Override
  public boolean isLowOnThreads() {
    return workers.busyThreads() + workers.queued() >= workers.maxThreads();
  }

  @Override
  public int getMinThreads() {
    return 0; // a pool has a least number of idle threads, none of all
  }

  @Override
  public int getMaxThreads() {
    return workers.maxThreads();
  }

  /// @throws UnsupportedOperationException always: whoever builds the pool says how large it is
  @Override
  public void setMinThreads(int threads) {
    throw new UnsupportedOperationException("set minSpareThreads where the pool is built");
  }

  /// @throws UnsupportedOperationException always: whoever builds the pool says how large it is
  @Override
  public void setMaxThreads(int threads) {
    throw new UnsupportedOperationException("set maxThreads where the pool is built");
  }

  @Override
  public ThreadPoolBudget getThreadPoolBudget() {
    return budget;
  }

  /// Waits until the pool has ended.
  @Override
  public void join() throws InterruptedException {
    while (!workers.awaitTermination(1, TimeUnit.DAYS)) {
      // goes on
    }
  }
}
