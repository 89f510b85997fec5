package org.mpm4j.impl.scoreboard;

import static org.mpm4j.impl.scoreboard.ScoreboardLayout.BREAKER_DEATHS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.BREAKER_STATE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.BREAKER_WHY_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.BREAKER_WHY_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CHILD_LIMIT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.CURRENT_GENERATION_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EVENTS;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EVENTS_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EVENT_COUNT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EVENT_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.EVENT_TEXT_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.INT;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.LONG;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.MODEL_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.NEXT_START_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PHASE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.PINNED_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_GENERATION_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_KIND_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_OUTPUT_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_OUTPUT_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_REASON_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_REASON_SIZE;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.RELOAD_TOOK_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.SERVER_SEQUENCE_OFFSET;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.code;
import static org.mpm4j.impl.scoreboard.ScoreboardLayout.model;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mpm4j.MpmStatus.Breaker;
import org.mpm4j.MpmStatus.BreakerState;
import org.mpm4j.MpmStatus.Happening;
import org.mpm4j.MpmStatus.Phase;
import org.mpm4j.ProcessModel;
import org.mpm4j.ReloadVerdict;

/// What the supervisor says of the server as a whole. One thread of it writes, under a
/// [SequenceLock]; any process may read.
public final class ServerScore {
  // what the kind of a reload says; 0 for none yet
  private static final int SUCCEEDED = 1;
  private static final int REFUSED = 2;
  private static final int ROLLED_BACK = 3;

  // their words are indexes of these
  private static final List<Phase> PHASES =
      List.of(Phase.STARTING, Phase.RUNNING, Phase.RELOADING, Phase.STOPPING);
  private static final List<BreakerState> BREAKER_STATES =
      List.of(BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN);

  /// What changes with commands, reloads and deaths.
  ///
  /// @param model the process model in force
  /// @param generation of the configuration in force
  /// @param phase what the server is doing
  /// @param childLimit how many children of the current generation may be
  /// @param pinned the number of children that was asked for, or 0
  /// @param breaker whether children may be started
  /// @param lastReload how it came out
  public record Facts(
      ProcessModel model,
      int generation,
      Phase phase,
      int childLimit,
      int pinned,
      Breaker breaker,
      Optional<ReloadVerdict> lastReload) {}

  record Seen(Facts facts, List<Happening> recent) {}

  private final MemorySegment memory;

  // the writer
  private @Nullable Facts published;

  ServerScore(MemorySegment memory) {
    this.memory = memory;
  }

  // ---- the supervisor ----

  /// Says how things are. Long texts are cut.
  ///
  /// @param now as [System#nanoTime()] says
  public void publish(Facts facts, long now) {
    if (facts.equals(published)) {
      return;
    }
    published = facts;
    SequenceLock.begin(memory, SERVER_SEQUENCE_OFFSET);
    set(MODEL_OFFSET, code(facts.model));
    set(CURRENT_GENERATION_OFFSET, facts.generation);
    set(PHASE_OFFSET, PHASES.indexOf(facts.phase));
    set(CHILD_LIMIT_OFFSET, facts.childLimit);
    set(PINNED_OFFSET, facts.pinned);
    set(BREAKER_STATE_OFFSET, BREAKER_STATES.indexOf(facts.breaker.state()));
    set(BREAKER_DEATHS_OFFSET, facts.breaker.deaths());
    LONG.set(memory, NEXT_START_OFFSET, now + facts.breaker.nextStart().toNanos());
    text(BREAKER_WHY_OFFSET, BREAKER_WHY_SIZE, facts.breaker.why());
    facts.lastReload.ifPresent(this::publish);
    SequenceLock.end(memory, SERVER_SEQUENCE_OFFSET);
  }

  private void publish(ReloadVerdict verdict) {
    set(RELOAD_GENERATION_OFFSET, verdict.generation());
    switch (verdict) {
      case ReloadVerdict.Succeeded(_, Duration took) -> {
        set(RELOAD_KIND_OFFSET, SUCCEEDED);
        LONG.set(memory, RELOAD_TOOK_OFFSET, took.toNanos());
      }
      case ReloadVerdict.Refused(_, String reason) -> {
        set(RELOAD_KIND_OFFSET, REFUSED);
        text(RELOAD_REASON_OFFSET, RELOAD_REASON_SIZE, reason);
      }
      case ReloadVerdict.RolledBack(_, String reason, String lastOutput) -> {
        set(RELOAD_KIND_OFFSET, ROLLED_BACK);
        text(RELOAD_REASON_OFFSET, RELOAD_REASON_SIZE, reason);
        text(RELOAD_OUTPUT_OFFSET, RELOAD_OUTPUT_SIZE, lastOutput);
      }
    }
  }

  /// Says what has happened, in the place of what lies back furthest. A long text is cut.
  public void happened(Instant at, String text) {
    SequenceLock.begin(memory, SERVER_SEQUENCE_OFFSET);
    int count = get(EVENT_COUNT_OFFSET);
    long offset = event(count);
    LONG.set(memory, offset, at.toEpochMilli());
    text(offset + Long.BYTES, EVENT_TEXT_SIZE, text);
    set(EVENT_COUNT_OFFSET, count + 1);
    SequenceLock.end(memory, SERVER_SEQUENCE_OFFSET);
  }

  private static long event(int number) {
    return EVENTS_OFFSET + (long) Math.floorMod(number, EVENTS) * EVENT_SIZE;
  }

  private void set(long word, int value) {
    INT.set(memory, word, value);
  }

  private void text(long offset, int size, String text) {
    Text.write(memory, offset, size, text);
  }

  // ---- any process ----

  /// What the supervisor has said, never torn. One that was killed while it wrote leaves what it
  /// had written.
  ///
  /// @param now as [System#nanoTime()] says
  Seen read(long now) {
    return SequenceLock.read(memory, SERVER_SEQUENCE_OFFSET, () -> look(now), () -> look(now));
  }

  private Seen look(long now) {
    Breaker breaker =
        new Breaker(
            BREAKER_STATES.get(get(BREAKER_STATE_OFFSET)),
            get(BREAKER_DEATHS_OFFSET),
            Duration.ofNanos(Math.max(0, (long) LONG.get(memory, NEXT_START_OFFSET) - now)),
            Text.read(memory, BREAKER_WHY_OFFSET, BREAKER_WHY_SIZE));
    Facts facts =
        new Facts(
            model(get(MODEL_OFFSET)),
            get(CURRENT_GENERATION_OFFSET),
            PHASES.get(get(PHASE_OFFSET)),
            get(CHILD_LIMIT_OFFSET),
            get(PINNED_OFFSET),
            breaker,
            lastReload());
    List<Happening> recent = new ArrayList<>();
    int count = get(EVENT_COUNT_OFFSET);
    for (int number = count - 1; number >= Math.max(0, count - EVENTS); number--) {
      long offset = event(number);
      recent.add(
          new Happening(
              Instant.ofEpochMilli((long) LONG.get(memory, offset)),
              Text.read(memory, offset + Long.BYTES, EVENT_TEXT_SIZE)));
    }
    return new Seen(facts, recent);
  }

  private Optional<ReloadVerdict> lastReload() {
    int generation = get(RELOAD_GENERATION_OFFSET);
    String reason = Text.read(memory, RELOAD_REASON_OFFSET, RELOAD_REASON_SIZE);
    return switch (get(RELOAD_KIND_OFFSET)) {
      case SUCCEEDED -> {
        long took = (long) LONG.get(memory, RELOAD_TOOK_OFFSET);
        yield Optional.of(new ReloadVerdict.Succeeded(generation, Duration.ofNanos(took)));
      }
      case REFUSED -> Optional.of(new ReloadVerdict.Refused(generation, reason));
      case ROLLED_BACK -> {
        String output = Text.read(memory, RELOAD_OUTPUT_OFFSET, RELOAD_OUTPUT_SIZE);
        yield Optional.of(new ReloadVerdict.RolledBack(generation, reason, output));
      }
      default -> Optional.empty();
    };
  }

  private int get(long word) {
    return (int) INT.get(memory, word);
  }
}
