package org.mpm4j.impl.child;

import org.jspecify.annotations.Nullable;
import org.mpm4j.ServerLoad;
import org.mpm4j.WorkerPool;
import org.mpm4j.spi.WorkerPoolSettings;

/// The worker pool of a hosted server, built when it is first asked for. Any thread.
final class HostedWorkers implements AutoCloseable {
  private final int threadsPerChild;
  private final ServerLoad load;

  // guarded by this
  private @Nullable WorkerPool pool;
  private boolean closed;

  /// @param load where each task is reported as an exchange
  HostedWorkers(int threadsPerChild, ServerLoad load) {
    this.threadsPerChild = threadsPerChild;
    this.load = load;
  }

  /// The pool; shut down after [#close()].
  synchronized WorkerPool pool() {
    WorkerPool result = pool;
    if (result == null) {
      WorkerPoolSettings settings =
          WorkerPool.builder()
              .maxThreads(threadsPerChild)
              .threadNamePrefix("mpm-server-")
              .settings();
      result = StandardWorkerPool.open(settings, load);
      pool = result;
      if (closed) {
        result.shutdown();
      }
    }
    return result;
  }

  /// Shuts the pool down at once, without waiting for what runs.
  @Override
  public synchronized void close() {
    closed = true;
    if (pool != null) {
      var _ = pool.shutdownNow();
    }
  }
}
