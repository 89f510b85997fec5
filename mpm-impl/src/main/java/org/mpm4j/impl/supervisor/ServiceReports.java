package org.mpm4j.impl.supervisor;

import java.time.Duration;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.impl.os.ServiceNotifier;

/// Tells the service manager what the supervisor is doing. The supervisor's thread only, so that a
/// supervisor that hangs does not say that it lives.
final class ServiceReports {
  private final ServiceNotifier notifier;
  private Phase last = Phase.STARTING;
  private String lastStatus = "";

  ServiceReports(ServiceNotifier notifier) {
    this.notifier = notifier;
  }

  /// How long the supervisor may wait between two looks.
  ///
  /// @param atMost unless the service manager wants to hear of it sooner
  long patience(long atMost) {
    return notifier
        .watchdogInterval()
        .map(Duration::toNanos)
        .map(n -> Math.min(n, atMost))
        .orElse(atMost);
  }

  /// The supervisor has looked at everything.
  ///
  /// @param reloadOver whether a reload has ended since it looked before
  void looked(View view, boolean reloadOver) {
    String status = status(view);
    if (view.phase() != last) {
      switch (view.phase()) {
        case STARTING -> {}
        case RUNNING -> notifier.ready(status);
        case RELOADING -> notifier.reloading();
        case STOPPING -> notifier.stopping();
      }
    } else if (reloadOver && last == Phase.RUNNING) {
      // refused before it could begin; systemd, where it has asked for it, waits for both
      notifier.reloading();
      notifier.ready(status);
    } else if (!status.equals(lastStatus)) {
      notifier.status(status);
    }
    last = view.phase();
    lastStatus = status;
    notifier.watchdog();
  }

  private static String status(View view) {
    long ready = view.children().stream().filter(child -> child.state() == State.READY).count();
    return "%s MPM, generation %d: %d of %d children ready%s"
        .formatted(
            view.config().model().httpdName(),
            view.generation(),
            ready,
            view.children().size(),
            view.breaker().why().isEmpty() ? "" : ", breaker " + view.breaker().state());
  }
}
