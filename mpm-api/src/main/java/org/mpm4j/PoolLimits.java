package org.mpm4j;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// httpd's rules that make the sizes of the pool fit together, applied to one configuration.
///
/// The order is httpd's: first what it reports when it reads the configuration (`*_check_config`),
/// then what it adjusts silently when it starts to run (`*_run`, here with one bucket of
/// listeners). All of it is reported here. One rule differs: where ServerLimit lowers the number of
/// processes, httpd leaves MaxRequestWorkers too high and then never notices that it is reached.
final class PoolLimits {
  private final Draft draft;
  private final Location whole;
  private final Map<Setting<?>, Object> values = new HashMap<>();
  private final List<Correction> corrections = new ArrayList<>();

  private PoolLimits(Draft draft, Location whole) {
    this.draft = draft;
    this.whole = whole;
    for (Setting<?> setting : Setting.ALL) {
      if (setting.appliesTo(draft.model())) {
        draft.inEffect(setting).ifPresent(value -> values.put(setting, value));
      }
    }
  }

  /// The values in effect, and the corrections that led to them.
  record Result(Map<Setting<?>, Object> values, List<Correction> corrections) {}

  /// Applies the rules.
  ///
  /// @param draft what was given, without errors
  /// @param whole the location of a correction that no given value caused
  static Result apply(Draft draft, Location whole) {
    PoolLimits limits = new PoolLimits(draft, whole);
    limits.limit(Setting.SERVER_LIMIT);
    if (draft.model().threaded()) {
      limits.applyToThreads();
    } else {
      limits.applyToProcesses();
    }
    return new Result(Map.copyOf(limits.values), List.copyOf(limits.corrections));
  }

  private void applyToProcesses() {
    atMost(Setting.MAX_REQUEST_WORKERS, Setting.SERVER_LIMIT);
    atLeastOne(Setting.MAX_REQUEST_WORKERS);
    int processes = value(Setting.MAX_REQUEST_WORKERS);
    limitStart(
        processes,
        "exceeds MaxRequestWorkers " + processes,
        Setting.MAX_REQUEST_WORKERS,
        Setting.SERVER_LIMIT);
    atLeastOne(Setting.MIN_SPARE_SERVERS);

    int least = value(Setting.MIN_SPARE_SERVERS);
    if (value(Setting.MAX_SPARE_SERVERS) < least + 1L) {
      use(
          Setting.MAX_SPARE_SERVERS,
          least + 1L,
          "does not exceed MinSpareServers " + least,
          Setting.MIN_SPARE_SERVERS);
    }
  }

  private void applyToThreads() {
    limit(Setting.THREAD_LIMIT);
    atMost(Setting.THREADS_PER_CHILD, Setting.THREAD_LIMIT);
    atLeastOne(Setting.THREADS_PER_CHILD);

    int threads = value(Setting.THREADS_PER_CHILD);
    int workers = value(Setting.MAX_REQUEST_WORKERS);
    if (workers < threads) {
      use(
          Setting.MAX_REQUEST_WORKERS,
          threads,
          "is below ThreadsPerChild " + threads,
          Setting.THREADS_PER_CHILD);
    } else if (workers % threads != 0) {
      use(
          Setting.MAX_REQUEST_WORKERS,
          workers - workers % threads,
          "is not a multiple of ThreadsPerChild " + threads,
          Setting.THREADS_PER_CHILD);
    }
    int processes = value(Setting.MAX_REQUEST_WORKERS) / threads;
    int allowed = value(Setting.SERVER_LIMIT);
    if (processes > allowed) {
      use(
          Setting.MAX_REQUEST_WORKERS,
          (long) allowed * threads,
          "takes " + processes + " processes, above ServerLimit " + allowed,
          Setting.SERVER_LIMIT);
      processes = allowed;
    }
    limitStart(
        processes,
        "exceeds the " + processes + " processes that MaxRequestWorkers allows",
        Setting.MAX_REQUEST_WORKERS,
        Setting.THREADS_PER_CHILD,
        Setting.SERVER_LIMIT);
    atLeastOne(Setting.MIN_SPARE_THREADS);

    int least = value(Setting.MIN_SPARE_THREADS);
    if (value(Setting.MAX_SPARE_THREADS) < saturated(1L + least + threads)) {
      use(
          Setting.MAX_SPARE_THREADS,
          1L + least + threads,
          "does not exceed MinSpareThreads " + least + " + ThreadsPerChild " + threads,
          Setting.MIN_SPARE_THREADS,
          Setting.THREADS_PER_CHILD);
    }
  }

  /// Keeps StartServers within what `processes` allows, or replaces it where the policy leaves no
  /// choice; as in PHP-FPM only the dynamic one has it.
  @SafeVarargs
  private void limitStart(int processes, String why, Setting<Integer>... causes) {
    ProcessPolicy policy = Setting.PROCESS_MANAGER.in(values).orElseThrow();
    switch (policy) {
      case DYNAMIC -> {
        atLeastOne(Setting.START_SERVERS);
        if (value(Setting.START_SERVERS) > processes) {
          use(Setting.START_SERVERS, processes, why, causes);
        }
      }
      case STATIC -> start(processes, policy);
      case ONDEMAND -> start(0, policy);
    }
  }

  private void start(int servers, ProcessPolicy policy) {
    if (draft.given(Setting.START_SERVERS).isPresent() && value(Setting.START_SERVERS) != servers) {
      use(Setting.START_SERVERS, servers, "does not apply to the policy " + policy.directiveName());
    }
    values.put(Setting.START_SERVERS, servers);
  }

  /// Keeps a limit within the bounds compiled into httpd.
  private void limit(Setting<Integer> limit) {
    if (limit.kind() instanceof Quantity.WholeNumber number) {
      int most = number.most().applyAsInt(draft.model());
      if (value(limit) > most) {
        use(limit, most, "exceeds " + most);
      }
    }
    atLeastOne(limit);
  }

  private void atLeastOne(Setting<Integer> setting) {
    if (value(setting) < 1) {
      use(setting, 1, "is below 1");
    }
  }

  private void atMost(Setting<Integer> setting, Setting<Integer> limit) {
    int most = value(limit);
    if (value(setting) > most) {
      use(setting, most, "exceeds " + limit + " " + most, limit);
    }
  }

  private int value(Setting<Integer> setting) {
    return setting.in(values).orElseThrow();
  }

  @SafeVarargs
  private void use(Setting<Integer> setting, long wanted, String why, Setting<Integer>... causes) {
    int used = saturated(wanted);
    String given = value(setting) + (draft.given(setting).isPresent() ? "" : " (default)");
    corrections.add(
        new Correction(locate(setting, causes), setting.name(), given, String.valueOf(used), why));
    values.put(setting, used);
  }

  @SafeVarargs
  private Location locate(Setting<Integer> setting, Setting<Integer>... causes) {
    Optional<Draft.Given> given = draft.given(setting);
    for (Setting<Integer> cause : causes) {
      given = given.or(() -> draft.given(cause));
    }
    return given.map(Draft.Given::location).orElse(whole);
  }

  private static int saturated(long value) {
    return (int) Math.min(value, Integer.MAX_VALUE);
  }
}
