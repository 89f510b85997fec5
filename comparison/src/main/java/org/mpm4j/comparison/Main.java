package org.mpm4j.comparison;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// The command `compare`. Its exit status is 0 if the run was completed, 1 if it was not, and 2 if
/// the command line is wrong.
@Command(
    name = "compare",
    sortOptions = false,
    description = {
      "Puts mpm4j and other HTTP servers under the same load, one after the other, and writes what"
          + " it measured as Markdown, JSON and SVG.",
      "Everything is on this machine and listens on 127.0.0.1 only."
    },
    footer = {
      "",
      "bin/compare --install installs apache2, nginx, wrk and ab from Debian's packages, without"
          + " starting any service."
    })
public final class Main implements Callable<Integer> {
  private static final int WARM_UP = 8;
  private static final int QUICK_WARM_UP = 1;

  @Option(
      names = "--servers",
      split = ",",
      paramLabel = "NAME",
      description = "Only these servers, separated by commas; --list names them.")
  private List<String> servers = List.of();

  @Option(
      names = "--scenarios",
      split = ",",
      paramLabel = "NAME",
      description = "Only these scenarios, separated by commas; --list names them.")
  private List<String> scenarios = List.of();

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Seconds of load before the first measurement of a JVM (8).")
  private @Nullable Integer warmUp;

  @Option(names = "--list", description = "List the servers and scenarios and exit.")
  private boolean list;

  @Mixin private final RunOptions options = new RunOptions();

  private final PrintStream terminal;

  private Main(PrintStream terminal) {
    this.terminal = terminal;
  }

  /// Runs the command and exits.
  ///
  /// @param args as the usage text says
  public static void main(String... args) {
    System.exit(run(System.out, System.err, args));
  }

  /// Runs the command.
  ///
  /// @return the exit status
  static int run(PrintStream out, PrintStream err, String... args) {
    return new CommandLine(new Main(out))
        .addSubcommand(new Capacity(out))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::explain)
        .setExecutionExceptionHandler(Main::status)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .execute(args);
  }

  /// Says what is wrong, without the options that are not.
  private static int explain(ParameterException problem, String[] args) {
    CommandLine command = problem.getCommandLine();
    command.getErr().println(problem.getMessage());
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("(" + name + " --help lists the options)");
    return CommandLine.ExitCode.USAGE;
  }

  /// What a signal interrupts is no failure to be shown.
  private static int status(Exception failure, CommandLine command, ParseResult parsed)
      throws Exception {
    if (failure instanceof InterruptedException) {
      return 1;
    }
    throw failure;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      Contenders.all()
          .forEach(it -> terminal.printf("%-20s %s (%s)%n", it.word(), it.title(), it.setup()));
      terminal.println();
      for (Scenario it : Scenario.values()) {
        terminal.printf("%-20s %s%n", it.word(), it.title());
      }
      return 0;
    }
    Settings settings = options.read(this::settings);
    boolean ab = settings.scenarios().stream().anyMatch(it -> !it.usesWrk());
    options.require(LoadGenerator.missing(ab));
    Path out = options.makeOut();
    long begun = System.nanoTime();
    Results results;
    try (TestBed bed = TestBed.open(terminal)) {
      results = new Comparison(settings, bed).run();
    }
    long minutes = TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - begun);
    Report report =
        new Report(
            "Run of " + LocalDate.now(ZoneId.systemDefault()),
            facts(settings, minutes),
            settings,
            results);
    write(report, out);
    return 0;
  }

  private Settings settings() {
    return new Settings(
        Choice.contenders(servers),
        Choice.scenarios(scenarios),
        options.rounds(),
        options.seconds(),
        options.positive("--warm-up", warmUp, WARM_UP, QUICK_WARM_UP));
  }

  private static Map<String, String> facts(Settings settings, long minutes) throws IOException {
    Map<String, String> facts =
        RunOptions.facts(
            "rounds: %d, %d s for each number, after %d s of warm-up for each JVM; took %d minutes"
                .formatted(settings.rounds(), settings.seconds(), settings.warmUp(), minutes));
    facts.put(
        "JVMs",
        "%s, all that serve with `%s`"
            .formatted(Runtime.version(), String.join(" ", Contenders.JVM_OPTIONS)));
    facts.put("load", "wrk with one thread, or ab; on the same machine, over loopback");
    for (Contender contender : settings.contenders()) {
      if (contender.program().isPresent() && Files.isExecutable(contender.program().get())) {
        Path program = contender.program().get();
        facts.put(String.valueOf(program.getFileName()), Machine.version(program));
      }
    }
    return facts;
  }

  private void write(Report report, Path folder) throws IOException {
    StringBuilder charts = new StringBuilder();
    for (Scenario scenario : report.settings().scenarios()) {
      if (report.results().measurements().stream().anyMatch(it -> it.scenario() == scenario)) {
        String name = scenario.word() + ".svg";
        Files.writeString(folder.resolve(name), BarChart.of(report, scenario));
        charts.append(' ').append(name);
      }
    }
    Files.writeString(folder.resolve("compare.md"), MarkdownReport.of(report));
    Files.writeString(folder.resolve("compare.json"), JsonReport.of(report));
    terminal.println();
    for (Bar bar : Bar.all(report.results())) {
      terminal.printf("%-58s %10s %8s  %s%n", bar.text(), bar.limit(), bar.shown(), bar.verdict());
    }
    terminal.println("\nwritten to " + folder + ": compare.md compare.json" + charts);
  }
}
