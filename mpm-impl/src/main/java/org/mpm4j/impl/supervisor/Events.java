package org.mpm4j.impl.supervisor;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleListener;
import org.mpm4j.impl.scoreboard.ServerScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs what happens, notes it in the scoreboard and in recordings of JFR, and tells the listeners
/// on a thread of their own, so that none of them can hold up the supervisor. Events come from the
/// supervisor's thread, listeners from any.
final class Events implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  /// How long the last events may take to be delivered.
  private static final long LAST_SECONDS = 1;

  private final ServerScore score;
  private final FlightEvents flight = new FlightEvents();
  private final List<LifecycleListener> listeners;
  private final ExecutorService delivery =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("mpm-events").daemon().factory());

  /// @param score takes the first line of each
  Events(ServerScore score, List<LifecycleListener> listeners) {
    this.score = score;
    this.listeners = new CopyOnWriteArrayList<>(listeners);
  }

  void add(LifecycleListener listener) {
    listeners.add(listener);
  }

  void tell(LifecycleEvent event) {
    String line = event.toString().lines().findFirst().orElse("");
    score.happened(Instant.now(), line);
    flight.tell(event, line);
    switch (event) {
      case LifecycleEvent.ChildExited(_, ExitCause cause, _, _) when cause != ExitCause.DRAINED ->
          log.warn("{}", event);
      case LifecycleEvent.LimitReached _,
          LifecycleEvent.BreakerOpened _,
          LifecycleEvent.ThreadsDumped _ ->
          log.warn("{}", event);
      case LifecycleEvent.ReloadEnded(var verdict) when !verdict.succeeded() ->
          log.error("{}", event);
      default -> log.info("{}", event);
    }
    if (!listeners.isEmpty() && !delivery.isShutdown()) {
      delivery.execute(() -> listeners.forEach(listener -> deliver(listener, event)));
    }
  }

  private static void deliver(LifecycleListener listener, LifecycleEvent event) {
    try {
      listener.on(event);
    } catch (RuntimeException | Error e) {
      log.error("a listener failed on: {}", event, e);
    }
  }

  /// Delivers what is left, unless a listener takes too long.
  @Override
  public void close() {
    delivery.shutdown();
    try {
      if (!delivery.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
        log.warn("a listener does not return: the last events are not waited for");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
