package org.mpm4j.impl.operator;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildId;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleListener;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StopMode;

/// A server that only writes down what it is told.
class FakeMpm implements Mpm {
  final List<String> calls = new CopyOnWriteArrayList<>();
  final List<LifecycleListener> listeners = new CopyOnWriteArrayList<>();

  /// How many reloads have begun, and how many may end.
  final Semaphore reloadsBegun = new Semaphore(0);

  final Semaphore reloadsMayEnd = new Semaphore(0);
  final CountDownLatch stopMayEnd = new CountDownLatch(1);
  volatile ReloadVerdict verdict = new ReloadVerdict.Succeeded(2, Duration.ofMillis(812));
  volatile @Nullable RuntimeException failure;

  void report(LifecycleEvent event) {
    listeners.forEach(listener -> listener.on(event));
  }

  private void called(String call) {
    calls.add(call);
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public MpmConfig config() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<SocketAddress> addresses() {
    return List.of();
  }

  @Override
  public List<Long> children() {
    return List.of();
  }

  @Override
  public MpmStatus status() {
    called("status");
    return new MpmStatus(
        ProcessModel.EVENT,
        3,
        MpmStatus.Phase.RELOADING,
        Instant.parse("2026-01-02T03:04:05Z"),
        List.of(child(0, MpmStatus.State.READY, ""), child(2, MpmStatus.State.DRAINING, "a\nb")),
        List.of(),
        16,
        0,
        new MpmStatus.Breaker(MpmStatus.BreakerState.HALF_OPEN, 4, Duration.ofSeconds(2), "4 died"),
        Optional.of(verdict),
        Instant.parse("2026-01-02T03:05:05Z"),
        MpmStatus.Counters.NONE,
        List.of());
  }

  private static MpmStatus.Child child(int slot, MpmStatus.State state, String why) {
    return new MpmStatus.Child(
        new ChildId(slot, 100 + slot, 3),
        state,
        why,
        Duration.ofMinutes(1),
        12,
        3,
        25,
        1L << 27,
        MpmStatus.Connections.NONE,
        MpmStatus.Counters.NONE,
        List.of());
  }

  @Override
  public ReloadVerdict reload(MpmConfig config) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ReloadVerdict reload() throws InterruptedException {
    called("reload");
    reloadsBegun.release();
    reloadsMayEnd.acquire();
    return verdict;
  }

  @Override
  public ReloadVerdict restart() {
    called("restart");
    return verdict;
  }

  @Override
  public void scale(int children) {
    called("scale " + children);
    if (children > 16) {
      throw new IllegalArgumentException("at most 16");
    }
  }

  @Override
  public void resetBreaker() {
    called("resetBreaker");
  }

  @Override
  public String threadDump(int slot) throws IOException {
    called("threadDump " + slot);
    if (slot != 0) {
      throw new IOException("no child in slot " + slot);
    }
    return "\"main\"\n\tat C:\\x\n";
  }

  @Override
  public void addListener(LifecycleListener listener) {
    listeners.add(listener);
  }

  @Override
  public void join() {}

  @Override
  public void stop(StopMode mode) {
    called("stop " + mode);
    try {
      stopMayEnd.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
