package org.mpm4j.comparison;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// The command `compare --capacity`. Its exit status is that of `compare`.
@Command(
    name = "--capacity",
    sortOptions = false,
    description = {
      "Fills mpm4j's event model with connections, and shows what they cost: the processor time of"
          + " a request beside idle ones, the memory of each, and many of them over several"
          + " children.",
      "Takes some minutes, six at most."
    })
final class Capacity implements Callable<Integer> {
  private static final List<Integer> IDLE =
      List.of(0, 1_000, 5_000, CapacityResults.BAR_IDLE, 15_000);
  private static final int CONNECTIONS = 100_000;
  private static final int QUICK_CONNECTIONS = 12_000;

  private static final int CHILDREN = 6;
  private static final int WARM_UP = 4;
  private static final long MOST_MINUTES = 6;

  /// What can be measured by itself.
  enum Part {
    HELD,
    MEMORY,
    MANY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--part",
      split = ",",
      paramLabel = "PART",
      description = "Only these parts, separated by commas: ${COMPLETION-CANDIDATES}.")
  private List<Part> parts = List.of();

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "How many are spread over " + CHILDREN + " children (100000).")
  private @Nullable Integer connections;

  @Mixin private final RunOptions options = new RunOptions();

  private final PrintStream terminal;

  Capacity(PrintStream terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandSpec compare =
        Objects.requireNonNull(options.commandLine().getCommandSpec().parent(), "parent");
    if (!compare.commandLine().getParseResult().matchedOptions().isEmpty()) {
      throw options.wrong("--capacity comes before other options");
    }
    CapacitySettings settings = options.read(this::settings);
    options.require(LoadGenerator.missing(false));
    Path out = options.makeOut();
    long begun = System.nanoTime();
    Thread limit = Thread.ofPlatform().daemon().name("time-limit").start(this::limit);
    CapacityResults results;
    try (TestBed bed = TestBed.open(terminal)) {
      results = new CapacityRun(settings, bed).run();
    } catch (IOException e) {
      complain(e.getMessage());
      return 1;
    } finally {
      limit.interrupt();
    }
    String report =
        CapacityReport.of(
            "Capacity, run of " + LocalDate.now(ZoneId.systemDefault()),
            facts(settings, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)),
            results);
    terminal.println();
    terminal.print(report);
    Files.writeString(out.resolve("capacity.md"), report);
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(out.resolve("capacity.json").toFile(), results);
    terminal.println("\nwritten to " + out + ": capacity.md capacity.json");
    return 0;
  }

  /// Ends all if something does not come back.
  private void limit() {
    try {
      TimeUnit.MINUTES.sleep(MOST_MINUTES);
      complain("ended after " + MOST_MINUTES + " minutes");
      System.exit(1);
    } catch (InterruptedException _) {
      // it is over
    }
  }

  private void complain(@Nullable String message) {
    options.commandLine().getErr().println("compare --capacity: " + message);
  }

  private CapacitySettings settings() {
    return new CapacitySettings(
        parts.isEmpty() ? Arrays.asList(Part.values()) : parts.stream().distinct().toList(),
        IDLE,
        options.rounds(),
        options.seconds(),
        options.isQuick() ? 1 : WARM_UP,
        CapacityResults.BAR_IDLE,
        connections(),
        CHILDREN);
  }

  private int connections() {
    int chosen = options.positive("--connections", connections, CONNECTIONS, QUICK_CONNECTIONS);
    // what a child may have open, less other files and what it has more than the others
    int most = CHILDREN * CapacityRun.DESCRIPTORS * 9 / 10;
    if (chosen > most) {
      throw new IllegalArgumentException(
          "--connections is %d; expected %d or less".formatted(chosen, most));
    }
    return chosen;
  }

  private static Map<String, String> facts(CapacitySettings settings, long seconds)
      throws IOException {
    Map<String, String> facts =
        RunOptions.facts(
            "rounds: %d, %d s for each number; took %d s"
                .formatted(settings.rounds(), settings.seconds(), seconds));
    facts.put(
        "server",
        "%s; event, %d threads in each child, ulimit -n %d for each process"
            .formatted(Runtime.version(), Contenders.THREADS, CapacityRun.DESCRIPTORS));
    facts.put("load", "wrk with one thread and 64 kept connections on /hello");
    facts.put("limits of the kernel", Machine.limits());
    return facts;
  }
}
