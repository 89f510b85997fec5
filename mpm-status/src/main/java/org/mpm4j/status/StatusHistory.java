package org.mpm4j.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.mpm4j.MpmStatus;

/// The totals of the last minute, so that rates can be told of the last seconds.
///
/// A few numbers for each look at the server, at most five times a second; guarded by this.
final class StatusHistory {
  /// What rates are over, if there was a look so long ago.
  static final Duration WINDOW = Duration.ofSeconds(10);

  /// How far back [#course()] goes.
  static final Duration KEPT = Duration.ofSeconds(60);

  private static final Duration SHORTEST = Duration.ofMillis(200);

  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(Instant at, MpmStatus.Counters totals) {}

  /// What happened in an interval.
  ///
  /// @param over how long it was
  /// @param end the time from its end to the last look
  /// @param counted meanwhile
  record Interval(Duration over, Duration end, MpmStatus.Counters counted) {
    double perSecond(long count) {
      return over.isPositive() ? count / seconds(over) : 0;
    }

    double accesses() {
      return perSecond(counted.accesses());
    }

    double bytes() {
      return perSecond(counted.bytes());
    }

    double accepted() {
      return perSecond(counted.accepted());
    }

    /// The workers that were in exchanges, on average.
    double busyWorkers() {
      return perSecond(counted.busy().toMillis()) / 1000;
    }

    static double seconds(Duration duration) {
      return duration.toNanos() / 1e9;
    }
  }

  /// Keeps what `status` says.
  ///
  /// @return what happened in the last [#WINDOW]; or in a shorter time, if no look is so old; or
  ///   since the start, if this is the first for a while
  synchronized Interval add(MpmStatus status) {
    Sample now = new Sample(status.at(), status.totals());
    Sample last = samples.peekLast();
    if (last != null
        && (goneBack(last.at, now.at) || now.totals.accesses() < last.totals.accesses())) {
      samples.clear(); // the clock was set, or this is another server
    }
    samples.removeIf(sample -> age(sample, now).compareTo(KEPT) > 0);
    Sample since = new Sample(status.startedAt(), MpmStatus.Counters.NONE);
    for (Sample sample : samples) {
      if (age(sample, now).compareTo(WINDOW) <= 0 && age(sample, now).compareTo(SHORTEST) >= 0) {
        since = sample;
        break;
      }
    }
    last = samples.peekLast();
    if (last == null || age(last, now).compareTo(SHORTEST) >= 0) {
      samples.addLast(now);
    }
    return between(since, now, now);
  }

  /// What happened from each look to the next, oldest first.
  synchronized List<Interval> course() {
    List<Interval> intervals = new ArrayList<>();
    Sample last = samples.peekLast();
    Sample previous = null;
    for (Sample sample : samples) {
      if (previous != null && last != null) {
        intervals.add(between(previous, sample, last));
      }
      previous = sample;
    }
    return intervals;
  }

  private static boolean goneBack(Instant last, Instant now) {
    return Duration.between(last, now).compareTo(SHORTEST.negated()) < 0;
  }

  private static Duration age(Sample sample, Sample now) {
    return Duration.between(sample.at, now.at);
  }

  private static Interval between(Sample from, Sample to, Sample last) {
    MpmStatus.Counters a = from.totals;
    MpmStatus.Counters b = to.totals;
    return new Interval(
        age(from, to),
        age(to, last),
        new MpmStatus.Counters(
            b.accesses() - a.accesses(),
            b.bytes() - a.bytes(),
            b.busy().minus(a.busy()),
            b.accepted() - a.accepted(),
            b.reused() - a.reused(),
            b.keepAliveTimeouts() - a.keepAliveTimeouts(),
            b.readTimeouts() - a.readTimeouts(),
            b.writeTimeouts() - a.writeTimeouts(),
            b.rejected() - a.rejected()));
  }
}
