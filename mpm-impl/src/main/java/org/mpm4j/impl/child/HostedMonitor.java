package org.mpm4j.impl.child;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches over a hosted server once a second: says in the scoreboard that the child is alive,
/// looks for its age, what it has served, and for what a server may do to its listeners. The thread
/// that ticks.
final class HostedMonitor {
  private static final Logger log = LoggerFactory.getLogger(HostedMonitor.class);

  /// A listener, and what was said about it.
  private static final class Watch {
    final HostedListener listener;
    boolean toldClosed;

    Watch(HostedListener listener) {
      this.listener = listener;
    }
  }

  private final ProcessScore score;
  private final HostedLoad load;
  private final List<Watch> watches;
  private final BooleanSupplier draining;
  private final Recycling recycling;
  private final int maxConnections;
  private final Age age;
  private final Child.Owner owner;
  private boolean toldServed;

  /// @param draining whether the child drains, and so may close its listeners
  /// @param maxConnections `MaxConnectionsPerChild`
  /// @param owner whom to tell that the child should be replaced
  HostedMonitor(
      ProcessScore score,
      HostedLoad load,
      List<HostedListener> listeners,
      BooleanSupplier draining,
      Recycling recycling,
      int maxConnections,
      Child.Owner owner) {
    this.score = score;
    this.load = load;
    this.watches = listeners.stream().map(Watch::new).toList();
    this.draining = draining;
    this.recycling = recycling;
    this.maxConnections = maxConnections;
    this.age = new Age(recycling, owner);
    this.owner = owner;
  }

  /// Looks once.
  void tick(long now) {
    score.heartbeat(now);
    age.look(now);
    int most = recycling.connections();
    if (most > 0 && !toldServed && load.served() >= most) {
      toldServed = true;
      owner.recycleDue(
          "MaxConnectionsPerChild (" + maxConnections + ") reached with " + load.served());
    }
    watches.forEach(this::look);
  }

  private void look(Watch watch) {
    HostedListener listener = watch.listener;
    if (listener.restoreMode()) {
      log.error(
          "the listening socket {} was put into blocking mode, which all children share: an accept"
              + " of any of them could have blocked. It is non-blocking again. Causes are"
              + " configureBlocking(true) after configureBlocking(false), and"
              + " ServerSocket.setSoTimeout, on a channel of InheritedListener.openChannel, in this"
              + " child or a sibling",
          listener);
    }
    if (!watch.toldClosed
        && listener.everOpened()
        && !listener.open()
        && !draining.getAsBoolean()) {
      watch.toldClosed = true;
      String reason =
          "the server has closed its listener " + listener + " without being told to drain";
      log.error("{}: nobody accepts in this child any more", reason);
      owner.recycleDue(reason);
    }
  }
}
