package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options of every run.
final class RunOptions {
  @Option(names = "--rounds", paramLabel = "N", description = "How often each takes its turn (3).")
  private @Nullable Integer rounds;

  @Option(names = "--seconds", paramLabel = "N", description = "How long each load is (2).")
  private @Nullable Integer seconds;

  @Option(
      names = "--quick",
      description = "One round, one second each, and less of what takes long: for a first look.")
  private boolean quick;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where the files go (target/compare).")
  private Path out = Path.of("target/compare");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  int rounds() {
    return positive("--rounds", rounds, 3, 1);
  }

  int seconds() {
    return positive("--seconds", seconds, 2, 1);
  }

  boolean isQuick() {
    return quick;
  }

  /// What was given for an option, or what stands for it.
  ///
  /// @throws IllegalArgumentException if it is below one
  int positive(String option, @Nullable Integer value, int preset, int presetIfQuick) {
    int presetNow = quick ? presetIfQuick : preset;
    int chosen = value == null ? presetNow : value;
    if (chosen < 1) {
      throw new IllegalArgumentException(option + " is " + chosen + "; expected 1 or more");
    }
    return chosen;
  }

  /// The folder for the files, which is there afterwards.
  Path makeOut() throws IOException {
    return Files.createDirectories(out);
  }

  CommandLine commandLine() {
    return Objects.requireNonNull(spec, "spec").commandLine();
  }

  /// What the options say.
  ///
  /// @throws ParameterException with the message of an IllegalArgumentException
  <T> T read(Supplier<T> settings) {
    try {
      return settings.get();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /// @throws ParameterException if something is missing
  void require(Optional<String> missing) {
    missing.ifPresent(it -> {
      throw wrong(it);
    });
  }

  ParameterException wrong(String message) {
    return new ParameterException(commandLine(), message);
  }

  /// What every report says of where and how it was made, to be continued.
  ///
  /// @param run what was done, and how long it took
  static Map<String, String> facts(String run) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("machine", Machine.words());
    facts.put("load average of the machine at the end", Machine.loadAverage());
    facts.put("run", run);
    return facts;
  }
}
