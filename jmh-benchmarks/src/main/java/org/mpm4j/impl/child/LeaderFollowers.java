package org.mpm4j.impl.child;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.os.Poller;

/// The event engine's way: its [ListenerRole], [IdleWorkers], [Parker] and queue, with items in the
/// place of connections.
final class LeaderFollowers implements HandOff {
  /*
   * The loops are those of EventEngine.Worker; see there for why they are correct. All threads are
   * there from the beginning, and none is retired.
   */

  private final Runnable item;
  private final Poller poller = HandOff.poller();
  private final SpmcVarHandleArrayQueue<Runnable> ready;
  private final ListenerRole role;
  private final List<Parker> parkers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger posted = new AtomicInteger();

  // written by the listener before it adds what it has found
  private long readyAt;

  // set by end()
  private volatile boolean ending;

  /// @param workers how many serve; one more listens
  /// @param most how many items are posted at once
  LeaderFollowers(int workers, int most, Runnable item) {
    this.item = item;
    this.ready = new SpmcVarHandleArrayQueue<>(most);
    this.role = new ListenerRole(workers + 1, ready, new Crew());
    for (int i = 0; i <= workers; i++) {
      int worker = i;
      parkers.add(new Parker());
      threads.add(Thread.ofPlatform().name("follower-" + i).unstarted(() -> work(worker)));
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

  private void work(int worker) {
    Parker parker = parkers.get(worker);
    boolean roleFirst = true;
    while (!role.ended()) {
      Runnable found = roleFirst ? null : ready.poll();
      roleFirst = false;
      if (found == null && role.tryTake()) {
        found = listen();
      } else if (found == null) {
        found = ready.poll();
      }
      if (found != null) {
        found.run();
      } else if (!role.ended()) {
        parker.prepare();
        role.rest(worker);
        parker.await();
        roleFirst = true;
      }
    }
  }

  private @Nullable Runnable listen() {
    while (true) {
      if (!ready.isEmpty() && role.tryHandOn()) {
        return ready.poll();
      }
      if (ending) {
        role.end();
        return null;
      }
      poller.await(!ready.isEmpty() && role.available() > 0 ? 0 : -1);
      int found = posted.getAndSet(0);
      if (found > 0) {
        readyAt = System.nanoTime();
      }
      for (int i = 0; i < found; i++) {
        ready.add(item);
      }
    }
  }

  private final class Crew implements ListenerRole.Crew {
    @Override
    public void wake(int worker) {
      parkers.get(worker).wake();
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
