package org.mpm4j.impl.child;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.mpm4j.impl.os.Poller;

/// The usual way: one thread listens always, and gives each item to a pool.
final class ListenerAndPool implements HandOff {
  /// Ends the threads of a pool, and waits until they have ended.
  private interface PoolEnd {
    void end() throws InterruptedException;
  }

  private final Runnable item;
  private final Consumer<Runnable> pool;
  private final PoolEnd poolEnd;
  private final Poller poller = HandOff.poller();
  private final AtomicInteger posted = new AtomicInteger();
  private final Thread thread = Thread.ofPlatform().name("listener").unstarted(this::listen);

  // written by the listener before it gives away what it has found
  private long readyAt;

  // set by end()
  private volatile boolean ending;

  private ListenerAndPool(Runnable item, Consumer<Runnable> pool, PoolEnd poolEnd) {
    this.item = item;
    this.pool = pool;
    this.poolEnd = poolEnd;
    thread.start();
  }

  /// No pool: the listener does it all, which is what the rest of the way costs.
  static HandOff none(Runnable item) {
    return new ListenerAndPool(item, Runnable::run, () -> {});
  }

  static HandOff executor(Runnable item, ExecutorService executor) {
    return new ListenerAndPool(item, executor::execute, executor::close);
  }

  /// Threads that block in `take`.
  static HandOff blocking(Runnable item, int workers, BlockingQueue<Runnable> queue) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      threads.add(
          Thread.ofPlatform()
              .name("taker-" + i)
              .start(() -> {
                try {
                  while (true) {
                    queue.take().run();
                  }
                } catch (InterruptedException e) {
                  // the end
                }
              }));
    }
    return new ListenerAndPool(
        item,
        queue::add,
        () -> {
          for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
          }
        });
  }

  /// Threads that park, the one that became idle last woken first, beside a queue that does not
  /// block: the engine's way to wake without its way to listen.
  static HandOff parking(Runnable item, int workers) {
    ParkingPool parking = new ParkingPool(workers);
    return new ListenerAndPool(item, parking::execute, parking::end);
  }

  @Override
  public void post(int items) {
    posted.set(items);
    poller.wakeup();
  }

  private void listen() {
    while (!ending) {
      poller.await(-1);
      int found = posted.getAndSet(0);
      if (found > 0) {
        readyAt = System.nanoTime();
      }
      for (int i = 0; i < found; i++) {
        pool.accept(item);
      }
    }
  }

  @Override
  public long readyAt() {
    return readyAt;
  }

  @Override
  public void end() throws InterruptedException {
    ending = true;
    poller.wakeup();
    thread.join();
    poller.close();
    poolEnd.end();
  }

  private static final class ParkingPool {
    /*
     * Memory ordering: a worker pushes itself, then looks at the queue; execute() offers, which is a
     * volatile compare-and-set, then pops. One sees the other.
     */
    private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final IdleWorkers idle;
    private final List<Parker> parkers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    ParkingPool(int workers) {
      idle = new IdleWorkers(workers);
      for (int i = 0; i < workers; i++) {
        int worker = i;
        parkers.add(new Parker());
        threads.add(Thread.ofPlatform().name("parker-" + i).unstarted(() -> work(worker)));
      }
      threads.forEach(Thread::start);
    }

    void execute(Runnable item) {
      queue.add(item);
      var _ = wakeOne();
    }

    void end() throws InterruptedException {
      ended = true;
      while (wakeOne()) {}
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private boolean wakeOne() {
      int worker = idle.tryPop();
      if (worker < 0) {
        return false;
      }
      parkers.get(worker).wake();
      LockSupport.unpark(threads.get(worker));
      return true;
    }

    private void work(int worker) {
      Parker parker = parkers.get(worker);
      while (true) {
        Runnable item = queue.poll();
        if (item != null) {
          item.run();
          continue;
        }
        if (ended) {
          return;
        }
        parker.prepare();
        idle.push(worker);
        if (!queue.isEmpty() || ended) {
          var _ = wakeOne();
        }
        parker.await();
      }
    }
  }
}
