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
  private final boolean keepsRole;
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
  /// @param keepsRole whether the listener serves without handing its role on, watched, as the
  ///   engine does where exchanges are quick
  LeaderFollowers(int workers, int most, boolean keepsRole, Runnable item) {
    this.item = item;
    this.keepsRole = keepsRole;
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
        if (keepsRole && role.tryWatch()) {
          watch(parker);
        }
        parker.await();
        roleFirst = true;
      }
    }
  }

  private @Nullable Runnable listen() {
    while (true) {
      while (!ready.isEmpty()) {
        long serving = keepsRole ? role.tryServe() : 0;
        if (serving == 0) {
          if (role.tryHandOn()) {
            return ready.poll();
          }
          break;
        }
        Runnable found = ready.poll();
        if (found != null) {
          found.run();
        }
        if (!role.resume(serving)) {
          return null;
        }
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

  private void watch(Parker parker) {
    long before = role.look();
    int idleLooks = 0;
    while (!parker.woken() && idleLooks < EventEngine.IDLE_LOOKS) {
      LockSupport.parkNanos(this, EventEngine.WATCH_NANOS);
      long now = role.look();
      boolean same = now == before;
      idleLooks = same && !role.tryTakeAway(now) ? idleLooks + 1 : 0;
      before = now;
    }
    role.endWatch();
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
