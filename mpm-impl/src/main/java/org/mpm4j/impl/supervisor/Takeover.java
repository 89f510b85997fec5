package org.mpm4j.impl.supervisor;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ReloadVerdict;

/// A generation that takes over from another, or gives back. The supervisor's thread only, but for
/// the verdict.
///
/// Transitions: forward → done, or forward → [#revert] → backward → done.
final class Takeover {
  private final Generation from;
  private final Generation to;
  private final long startedAt;
  private final int before;
  private final CompletableFuture<ReloadVerdict> verdict;

  private Rollout rollout;
  private boolean forward = true;
  private long revertedAt;
  private @Nullable String failure;
  private String lastOutput = "";

  /// @param before children of `from` that served when it was asked for
  Takeover(
      Generation from,
      Generation to,
      int before,
      Rollout rollout,
      CompletableFuture<ReloadVerdict> verdict,
      long startedAt) {
    this.from = from;
    this.to = to;
    this.before = before;
    this.rollout = rollout;
    this.verdict = verdict;
    this.startedAt = startedAt;
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

  CompletableFuture<ReloadVerdict> verdict() {
    return verdict;
  }

  boolean forward() {
    return forward;
  }

  long startedAt() {
    return startedAt;
  }

  long revertedAt() {
    return revertedAt;
  }

  /// A child could not become ready; the first reason counts.
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
}
