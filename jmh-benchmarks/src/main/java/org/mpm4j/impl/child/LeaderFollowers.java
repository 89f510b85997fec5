package org.mpm4j.impl.child;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.mpm4j.impl.os.Poller;

/// The event engine's way: its [Follower], [ListenerRole] and queue, with items in the place of
/// connections.
final class LeaderFollowers implements HandOff {
  // All threads are there from the beginning, and none is retired.

  // an exchange after which the role does not take the next ones for quick
  private static final long SLOW_NANOS = 1_000_000;

  private final Runnable item;
  private final Poller poller = HandOff.poller();
  private final SpmcVarHandleArrayQueue<Runnable> ready;
  private final ListenerRole role;
  private final List<Follower<Runnable>> followers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger posted = new AtomicInteger();

  // written by the listener before it adds what it has found
  private long readyAt;

  // set by end()
  private volatile boolean ending;

  /// @param workers how many serve; one more listens
  /// @param most how many items are posted at once
  /// @param keepsRole whether the listener serves without handing its role on, watched, as the
  ///   engine does where exchanges are quick
  LeaderFollowers(int workers, int most, boolean keepsRole, Runnable item) {
    this.item = item;
    this.ready = new SpmcVarHandleArrayQueue<>(most);
    this.role = new ListenerRole(workers + 1, ready, new Crew());
    if (!keepsRole) {
      role.served(SLOW_NANOS);
    }
    for (int i = 0; i <= workers; i++) {
      Follower<Runnable> follower = new Follower<>(i, role, ready);
      followers.add(follower);
      threads.add(
          Thread.ofPlatform().name("follower-" + i).unstarted(() -> follower.work(new Work())));
    }
    threads.forEach(Thread::start);
  }

  @Override
  public void post(int items) {
    posted.set(items);
    poller.wakeup();
  }

  @Override
  public long readyAt() {
    return readyAt;
  }

  @Override
  public void end() throws InterruptedException {
    ending = true;
    poller.wakeup();
    for (Thread thread : threads) {
      thread.join();
    }
    poller.close();
  }

  private final class Work implements Follower.Work<Runnable> {
    @Override
    public boolean listen() {
      if (ending) {
        return false;
      }
      poller.await(!ready.isEmpty() && role.available() > 0 ? 0 : -1);
      int found = posted.getAndSet(0);
      if (found > 0) {
        readyAt = System.nanoTime();
      }
      for (int i = 0; i < found; i++) {
        ready.add(item);
      }
      return true;
    }

    @Override
    public void serve(Runnable found) {
      found.run();
    }

    @Override
    public boolean tryDismiss() {
      return false;
    }
  }

  private final class Crew implements ListenerRole.Crew {
    @Override
    public void wake(int worker) {
      followers.get(worker).parker.wake();
      LockSupport.unpark(threads.get(worker));
    }

    @Override
    public boolean tryStart() {
      return false;
    }

    @Override
    public int startable() {
      return 0;
    }

    @Override
    public int running() {
      return threads.size();
    }

    @Override
    public void wakeListener() {
      poller.wakeup();
    }
  }
}
