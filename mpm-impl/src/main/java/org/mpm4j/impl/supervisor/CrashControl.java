package org.mpm4j.impl.supervisor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;

/// Whether a child may be started, after some have died: a pure state machine; each method returns
/// the next state.
///
/// Two brakes. Back-off: the more children in a row die before they are ready, or soon after, the
/// longer the pause before the next. The breaker: too many unexpected deaths within an interval,
/// OTP's restart intensity, and none is started for a while; then one is tried.
///
/// ```
///   CLOSED ── too many deaths ──► OPEN ── cool-down over ──► HALF_OPEN ── one child lives ──► CLOSED
///                                  ▲                             └── it dies ──► OPEN
/// ```
///
/// @param limits of the configuration
/// @param state the breaker's
/// @param deaths when children died unexpectedly, those within the interval before the last
/// @param unready children in a row that died before they were ready
/// @param early children in a row that died soon after they were ready
/// @param nextStart no child is started before
/// @param why what happened last, or empty
record CrashControl(
    Limits limits,
    BreakerState state,
    List<Long> deaths,
    int unready,
    int early,
    long nextStart,
    String why) {
  /// @param deaths as many are borne within the interval, and one more for each child of the fleet
  /// @param interval in nanoseconds
  /// @param coolDown in nanoseconds
  record Limits(int deaths, long interval, long coolDown) {
    static Limits of(MpmConfig config) {
      return new Limits(
          config.childRestartLimit(),
          config.childRestartInterval().toNanos(),
          config.childRestartCoolDown().toNanos());
    }
  }

  private static final long SECOND = 1_000_000_000;
  private static final long LONGEST_PAUSE = 30 * SECOND;

  /// A child that served so long has shown that it can.
  static final long PROVEN = 10 * SECOND;

  /// So long after the last death, the next one begins a new row: as in Kubernetes' back-off.
  static final long QUIET = 600 * SECOND;

  /// A few deaths soon after READY happen: those are replaced at once.
  private static final int FREE_EARLY_DEATHS = 3;

  static CrashControl closed(Limits limits, long now) {
    return new CrashControl(limits, BreakerState.CLOSED, List.of(), 0, 0, now, "");
  }

  /// The same with what another configuration allows.
  CrashControl with(Limits others) {
    return new CrashControl(others, state, deaths, unready, early, nextStart, why);
  }

  /// A child died that was not to end, or could not even be started.
  ///
  /// @param served how long it was ready, or negative if it never was
  /// @param fleet how many children there were
  /// @param jitter 0 to 1, so that servers that fail together do not come back together
  CrashControl died(long served, int fleet, double jitter, String reason, long now) {
    List<Long> recent = new ArrayList<>(recent(now));
    recent.add(now);
    boolean inARow = !deaths.isEmpty() && now - deaths.getLast() <= QUIET;
    int unreadyBefore = inARow ? unready : 0;
    int earlyBefore = inARow ? early : 0;
    int nowUnready = served < 0 ? unreadyBefore + 1 : 0;
    int nowEarly = served < 0 ? earlyBefore : served < PROVEN ? earlyBefore + 1 : 0;
    boolean opens = state == BreakerState.HALF_OPEN || recent.size() - fleet > limits.deaths;
    long pause =
        opens ? limits.coolDown : Math.max(pause(nowUnready), pause(nowEarly - FREE_EARLY_DEATHS));
    long next = now + spread(pause, jitter);
    return new CrashControl(
        limits,
        opens ? BreakerState.OPEN : state,
        List.copyOf(recent),
        nowUnready,
        nowEarly,
        next - nextStart > 0 ? next : nextStart,
        reason);
  }

  private List<Long> recent(long now) {
    return deaths.stream().filter(death -> now - death <= limits.interval).toList();
  }

  /// 0, 1, 2, 4, 8, 16, 30, 30 … seconds.
  static long pause(int failures) {
    return failures <= 0 ? 0 : Math.min(LONGEST_PAUSE, SECOND << Math.min(failures - 1, 5));
  }

  private static long spread(long nanos, double jitter) {
    return nanos + (long) (nanos / 4.0 * jitter);
  }

  /// A child is ready.
  CrashControl ready(long now) {
    boolean healthy = state == BreakerState.CLOSED && early <= FREE_EARLY_DEATHS;
    return new CrashControl(
        limits, state, deaths, 0, early, healthy ? now : nextStart, healthy ? "" : why);
  }

  /// Time has passed.
  CrashControl at(long now) {
    if (state == BreakerState.OPEN && now - nextStart >= 0) {
      return new CrashControl(limits, BreakerState.HALF_OPEN, deaths, unready, early, now, why);
    }
    return this;
  }

  /// The child that was tried has served for [#PROVEN], or an operator says that the cause is gone.
  CrashControl reset(long now) {
    return closed(limits, now);
  }

  /// How many children may be started now.
  ///
  /// @param tried how many were started since the breaker is half-open
  int allowed(int tried, long now) {
    if (state == BreakerState.OPEN || now - nextStart < 0) {
      return 0;
    }
    return state == BreakerState.HALF_OPEN ? Math.max(0, 1 - tried) : Integer.MAX_VALUE;
  }

  /// For the status.
  Breaker status(long now) {
    long wait = Math.max(0, nextStart - now);
    return new Breaker(state, recent(now).size(), Duration.ofNanos(wait), why);
  }
}
