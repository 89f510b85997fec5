package org.mpm4j.impl.operator;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;

/// A status as lines of words, the first of which says what the others are.
/// docs/control-protocol.md lists them; words may be added at the end of a line and lines of new
/// kinds anywhere.
final class StatusLines {
  private StatusLines() {}

  static List<String> of(MpmStatus status, long pid, Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add("pid " + pid);
    lines.add("model " + word(status.model()));
    lines.add("generation " + status.generation());
    lines.add("phase " + word(status.phase()));
    lines.add("started " + status.startedAt());
    lines.add("uptime " + Math.max(0, now.getEpochSecond() - status.startedAt().getEpochSecond()));
    lines.add("child-limit " + status.childLimit());
    lines.add("pinned " + status.pinned());
    lines.add("workers " + status.workers());
    lines.add("busy " + status.busyWorkers());
    MpmStatus.Breaker breaker = status.breaker();
    lines.add(
        "breaker %s %d %d"
            .formatted(word(breaker.state()), breaker.deaths(), breaker.nextStart().toMillis()));
    if (!breaker.why().isEmpty()) {
      lines.add("breaker-why " + breaker.why());
    }
    status.lastReload().ifPresent(verdict -> addReload(lines, verdict));
    status.children().forEach(child -> addChild(lines, child));
    return lines;
  }

  private static void addReload(List<String> lines, ReloadVerdict verdict) {
    switch (verdict) {
      case ReloadVerdict.Succeeded it ->
          lines.add("last-reload succeeded " + it.generation() + " " + it.took().toMillis());
      case ReloadVerdict.Refused it -> {
        lines.add("last-reload refused " + it.generation());
        lines.add("last-reload-why " + it.reason());
      }
      case ReloadVerdict.RolledBack it -> {
        lines.add("last-reload rolled-back " + it.generation());
        lines.add("last-reload-why " + it.reason());
      }
    }
  }

  private static void addChild(List<String> lines, MpmStatus.Child child) {
    ChildId id = child.id();
    lines.add(
        "child %d %d %d %s %d %d %d %d %d"
            .formatted(
                id.slot(),
                id.pid(),
                id.generation(),
                word(child.state()),
                child.age().toSeconds(),
                child.connections(),
                child.busyWorkers(),
                child.workers(),
                child.residentBytes()));
    lines.add("scoreboard " + id.slot() + " " + id.pid() + " " + child.letters());
    if (!child.why().isEmpty()) {
      lines.add("child-why " + id.slot() + " " + id.pid() + " " + child.why());
    }
  }

  /// `HALF_OPEN` as `half-open`.
  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
