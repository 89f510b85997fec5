package org.mpm4j.impl.supervisor;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mpm4j.MpmConfig;
import org.mpm4j.ReloadVerdict;

/// A generation that takes over from another, or gives back: forward → done, or forward → [#revert]
/// → back → done. The supervisor's thread only, but for the verdict.
final class Takeover {
  /// What was asked for.
  ///
  /// @param config of the new generation
  /// @param hard whether the old one ends at once
  /// @param verdict for whoever asked
  /// @param at when, by the supervisor's clock
  record Request(
      MpmConfig config, boolean hard, CompletableFuture<ReloadVerdict> verdict, long at) {}

  private static final long SETTLE_NANOS = 1_000_000_000;

  private final Request request;
  private final Generation from;
  private final Generation to;
  private final int before;

  private Rollout rollout;
  private boolean forward = true;
  private boolean settling;
  private long settleBy;
  private long revertedAt;
  private @Nullable String failure;
  private String lastOutput = "";

  /// @param before children of `from` that served when it began
  Takeover(Request request, Generation from, Generation to, int before, Rollout rollout) {
    this.request = request;
    this.from = from;
    this.to = to;
    this.before = before;
    this.rollout = rollout;
  }

  Request request() {
    return request;
  }

  /// The generation whose children are started.
  Generation incoming() {
    return forward ? to : from;
  }

  /// The generation whose children are drained.
  Generation outgoing() {
    return forward ? from : to;
  }

  Rollout rollout() {
    return rollout;
  }

  boolean forward() {
    return forward;
  }

  String why() {
    return forward ? request.hard ? "restart" : "reload" : "rollback";
  }

  /// A child of the new generation could not become ready; the first reason counts.
  void fail(String reason, String output) {
    if (failure == null) {
      failure = reason;
      lastOutput = output;
    }
  }

  @Nullable String failure() {
    return failure;
  }

  String lastOutput() {
    return lastOutput;
  }

  /// Gives back, as fast as it can be done.
  ///
  /// @param ready children of the new generation that serve
  void revert(int ready, long now) {
    forward = false;
    revertedAt = now;
    int wanted = Math.max(1, before);
    rollout = new Rollout(wanted, ready, wanted, 0);
  }

  /// Whether to wait, for a moment at most, because the outgoing generation still accepts.
  boolean settling(boolean accepts, long now) {
    if (!settling) {
      settling = true;
      settleBy = now + SETTLE_NANOS;
    }
    return accepts && now - settleBy < 0;
  }

  boolean settling() {
    return settling;
  }

  /// Whether giving back takes so long that it is left to the ordinary rules.
  boolean overdue(long now) {
    return !forward && now - revertedAt > from.config().childStartTimeout().toNanos();
  }
}
