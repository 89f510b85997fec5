package org.mpm4j.ctl;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The command `mpmctl`.
///
/// It writes the result to the standard output, and progress and failures to the standard error.
@Command(
    name = "mpmctl",
    sortOptions = false,
    versionProvider = Main.Version.class,
    description = "Asks and directs a running mpm4j server, and waits until it is done.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done; for stop and graceful-stop also if there is no server",
      "1:failed, refused or rolled back: the server goes on as it was",
      "2:wrong usage",
      "3:the server is not running",
      "4:no answer within --timeout; the server goes on with the command"
    },
    footer = "%nWithout -p and -s it is for the server that bin/mpm-httpd starts without -f.")
public final class Main {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NOT_RUNNING = 3;
  static final int TIMED_OUT = 4;

  /// The property that names the folder with the default pid file in it.
  static final String HOME = "mpm4j.home";

  /// For what takes no time to do.
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  private static final Duration WATCH = Duration.ofSeconds(1);

  private final PrintStream out;
  private final PrintStream err;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Option(
      names = "-p",
      paramLabel = "PIDFILE",
      scope = ScopeType.INHERIT,
      description = "The server's pid file; its control socket is beside it.")
  private @Nullable Path pidFile;

  @Option(
      names = "-s",
      paramLabel = "SOCKET",
      scope = ScopeType.INHERIT,
      description = "The server's control socket.")
  private @Nullable Path socket;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      scope = ScopeType.INHERIT,
      description =
          "How long to wait for the answer. Default: 10 for status, scale and breaker; for the"
              + " others as long as the server takes.")
  private @Nullable Integer timeout;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Write the result, also a failure, as one JSON object.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Write no progress, and no result but what was asked for.")
  private boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli sets it, shows the usage and does not call us
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit.")
  @SuppressWarnings("UnusedVariable") // as above
  private boolean version;

  private Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /// Runs the command and exits.
  ///
  /// @param args as the usage text says
  public static void main(String... args) {
    System.exit(run(System.out, System.err, args));
  }

  /// Runs the command in this JVM.
  ///
  /// @param out for the result
  /// @param err for progress and failures
  /// @param args as the usage text says
  /// @return the exit status
  public static int run(PrintStream out, PrintStream err, String... args) {
    return new CommandLine(new Main(out, err))
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  @Command(description = "Show what the server and its children are doing.")
  int status(
      @Option(names = "--watch", description = "Ask again every second, and show the scoreboard.")
          boolean watch)
      throws InterruptedException {
    if (!watch) {
      return ask("status", AT_ONCE, reply -> shown(Status.of(reply.data())));
    }
    boolean screen = !json && hasTerminal();
    while (true) {
      int result = ask("status", AT_ONCE, reply -> watched(Status.of(reply.data()), screen));
      if (result != DONE || out.checkError()) {
        return result;
      }
      Thread.sleep(WATCH);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 return one always, 25 does not
  private static boolean hasTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private String shown(Status status) {
    return json ? Json.of(status) + "\n" : StatusText.of(status);
  }

  private String watched(Status status, boolean screen) {
    if (json) {
      return shown(status);
    }
    String text = shown(status) + StatusText.grid(status, screen);
    // Home, each line to its end, then what is left below: redrawn so, nothing flickers.
    return screen ? "\u001b[H" + text.replace("\n", "\u001b[K\n") + "\u001b[J" : text + "\n";
  }

  @Command(description = "Replace the children by a new generation and lose no connection.")
  int reload() {
    return tell("reload", null);
  }

  @Command(description = "End the children at once and start a new generation.")
  int restart() {
    return tell("restart", null);
  }

  @Command(name = "graceful-stop", description = "Serve out what is connected and stop.")
  int gracefulStop() {
    return tell("graceful-stop", null);
  }

  @Command(description = "Stop at once.")
  int stop() {
    return tell("stop", null);
  }

  @Command(description = "Fix the number of children, or let it follow the load.")
  int scale(
      @Parameters(paramLabel = "N|auto", description = "How many; 0 is the same as auto.")
          String children) {
    if (!children.matches("[0-9]{1,9}|auto")) {
      throw new ParameterException(
          spec.subcommands().get("scale"), "scale: \"" + children + "\" is not N or auto");
    }
    return tell("scale " + children, AT_ONCE);
  }

  @Command(description = "Show what each thread of a child, or of all children, is doing.")
  int threads(
      @Parameters(paramLabel = "SLOT", arity = "0..1", description = "Which child.")
          @Nullable Integer slot) {
    return ask(
        slot == null ? "threads" : "threads " + slot,
        null,
        reply -> json ? Json.ofThreads(reply) + "\n" : ThreadDump.text(reply.data()));
  }

  @Command(description = "Let children be started although too many have died: breaker reset.")
  int breaker(@Parameters(paramLabel = "reset", description = "The only word.") Verb verb) {
    return tell("breaker " + verb.name().toLowerCase(Locale.ROOT), AT_ONCE);
  }

  /// What can be done to a breaker.
  enum Verb {
    RESET
  }

  /// A command whose answer is that it was done.
  private int tell(String command, @Nullable Duration patience) {
    return ask(
        command,
        patience,
        reply -> {
          if (json) {
            return Json.of(reply.code(), reply.text()) + "\n";
          }
          return quiet ? "" : reply.text() + "\n";
        });
  }

  private int ask(
      String command, @Nullable Duration patience, Function<ControlReply, String> result) {
    Consumer<String> progress = quiet ? _ -> {} : err::println;
    try {
      Duration limit = timeout == null ? patience : Duration.ofSeconds(timeout);
      ControlReply reply = new ControlClient(socket()).send(command, limit, progress);
      if (reply.ok()) {
        out.print(result.apply(reply));
        out.flush();
        return DONE;
      }
      return failed(reply.code().equals("usage") ? USAGE : FAILED, reply.code(), reply.text());
    } catch (NotRunningException e) {
      return notRunning(command, String.valueOf(e.getMessage()));
    } catch (SocketTimeoutException e) {
      return failed(TIMED_OUT, "timed-out", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return failed(FAILED, "failed", String.valueOf(e.getMessage()));
    }
  }

  private Path socket() {
    return socket == null ? ControlClient.socketBeside(pidFile()) : socket;
  }

  private Path pidFile() {
    return pidFile == null
        ? Path.of(System.getProperty(HOME, "")).resolve(ControlClient.DEFAULT_PID_FILE)
        : pidFile;
  }

  private int notRunning(String command, String why) {
    String pid = socket == null ? livePid() : "";
    if (!pid.isEmpty()) {
      return failed(FAILED, "failed", why + ", but process " + pid + " of " + pidFile() + " lives");
    }
    boolean stop = command.endsWith("stop");
    return failed(stop ? DONE : NOT_RUNNING, "not-running", "not running: " + why);
  }

  /// The process in the pid file, if there is one and it lives.
  private String livePid() {
    try {
      String pid = Files.readString(pidFile()).strip();
      boolean lives =
          pid.matches("[0-9]{1,9}") && ProcessHandle.of(Long.parseLong(pid)).isPresent();
      return lives ? pid : "";
    } catch (IOException _) {
      return "";
    }
  }

  private int failed(int status, String code, String text) {
    if (json) {
      out.println(Json.of(code, text));
    } else {
      err.println("mpmctl: " + text);
    }
    return status;
  }

  /// The version that Maven wrote into the jar.
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties properties = new Properties();
      try (InputStream stream =
          Main.class.getResourceAsStream("/META-INF/maven/org.mpm4j/mpm-ctl/pom.properties")) {
        if (stream != null) {
          properties.load(stream);
        }
      }
      return new String[] {"mpmctl " + properties.getProperty("version", "unknown")};
    }
  }
}
