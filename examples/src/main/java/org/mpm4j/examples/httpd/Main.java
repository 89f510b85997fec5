package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ConfigException;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmOptions;
import org.mpm4j.ProcessModel;
import org.mpm4j.StartException;
import org.mpm4j.Vocabulary;
import org.mpm4j.ctl.ControlClient;
import org.mpm4j.status.StatusServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The command `mpm-httpd`.
///
/// It writes one line to the standard output, when the server is ready, and everything else to the
/// standard error. Its exit status is 0 after an orderly stop and 1 otherwise.
@Command(
    name = "mpm-httpd",
    sortOptions = false,
    description = "Serves HTTP in the foreground until it gets INT or TERM.",
    footer = {
      "Without -f it serves its example pages on http://127.0.0.1:8080/.",
      "",
      "Signals: TERM and INT stop gracefully, the second of them at once; WINCH stops",
      "gracefully; HUP and USR1 reload. bin/mpmctl does the same and more, and waits."
    })
public final class Main implements Callable<Integer> {
  /// The property that names the folder with `examples` in it; [Main] finds its pages there.
  static final String HOME = "mpm4j.home";

  private static final Logger log = LoggerFactory.getLogger(Main.class);
  private static final int FAILED = 1;
  private static final List<String> ACTIONS =
      List.of("start", "restart", "graceful", "graceful-stop", "stop");

  @Option(
      names = "-f",
      paramLabel = "FILE",
      description = "The configuration file, in httpd's syntax.")
  private @Nullable Path file;

  @Option(
      names = "-c",
      paramLabel = "DIRECTIVE",
      description = "A directive to process after the file, such as 'Listen 8081'. Repeatable.")
  private List<String> directives = List.of();

  @Option(
      names = "-k",
      paramLabel = "ACTION",
      description = {
        "Act on the server that the PidFile names, and wait until it is done:",
        "start: start one, unless it is running.",
        "restart: check the configuration, then start new children at once.",
        "graceful: check the configuration, then replace the children and lose nothing.",
        "graceful-stop: serve out what is connected and stop.",
        "stop: stop at once.",
        "restart and graceful start a server where none is running."
      })
  private @Nullable String action;

  @Option(names = "-t", description = "Check the configuration and exit.")
  private boolean test;

  @Option(names = "-V", description = "Show the version and settings and exit.")
  private boolean version;

  @Option(names = "-l", description = "List the compiled in modules and exit.")
  private boolean list;

  @Option(names = "-X", description = "Run as one process, for debugging.")
  private boolean single;

  @Option(names = "-h", usageHelp = true, description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli sets it, shows the usage and does not call us
  private boolean help;

  private final PrintStream out;
  private final PrintStream err;

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

  /// Runs the command.
  ///
  /// @return the exit status
  static int run(PrintStream out, PrintStream err, String... args) {
    return new CommandLine(new Main(out, err))
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setExitCodeExceptionMapper(_ -> FAILED)
        .setParameterExceptionHandler((problem, _) -> {
          err.println(problem.getMessage());
          problem.getCommandLine().usage(err);
          return FAILED;
        })
        .execute(args);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (list) {
      listModules();
      return 0;
    }
    if (action != null && !ACTIONS.contains(action)) {
      err.println("-k: \"" + action + "\" is none of " + String.join(", ", ACTIONS));
      return FAILED;
    }
    MpmConfig config;
    HttpConfig http;
    try {
      config = load();
      http = HttpConfig.of(config.serverDirectives());
    } catch (ConfigException e) {
      err.println(e.getMessage());
      return FAILED;
    }
    if (version) {
      showVersion(config.model());
      return 0;
    }
    if (test) {
      Mpm.check(config).forEach(err::println);
      out.println("Syntax OK");
      return 0;
    }
    if (action != null) {
      OptionalInt status = act(action, config);
      if (status.isPresent()) {
        return status.getAsInt();
      }
    }
    return serve(config, http.statusListen());
  }

  private MpmConfig load() {
    return MpmConfig.load(configFile(), directives, vocabulary());
  }

  /// What a reload takes: what a start would take now. Its errors refuse the reload.
  private MpmConfig reload() {
    MpmConfig config = load();
    HttpConfig.of(config.serverDirectives()); // throws what is wrong with it
    warn(config);
    return config;
  }

  private static void warn(MpmConfig config) {
    config.corrections().forEach(correction -> log.warn("{}", correction));
  }

  /// Does what `-k` asks for of the server that is running, with apachectl's meanings.
  ///
  /// @return the exit status, or nothing if a server is to be started
  private OptionalInt act(String what, MpmConfig config) {
    if (config.controlSocket().isEmpty()) {
      err.println("mpm-httpd: -k needs a PidFile or ControlSocket in the configuration");
      return OptionalInt.of(FAILED);
    }
    RunningServer server = new RunningServer(config.controlSocket().get(), err);
    return switch (what) {
      case "start" -> server.noteRunning() ? OptionalInt.of(0) : OptionalInt.empty();
      case "restart" -> server.tell("restart");
      case "graceful" -> server.tell("reload");
      default -> OptionalInt.of(server.tell(what).orElse(0)); // to stop what is not running is done
    };
  }

  private int serve(MpmConfig config, Optional<HttpConfig.StatusListen> statusListen)
      throws InterruptedException {
    warn(config);
    MpmOptions options =
        MpmOptions.none().withConfigSource(this::reload).withSignals().withSystemd();
    try {
      if (config.pidFile().equals(Optional.of(defaultPidFile()))) {
        Files.createDirectories(home().resolve("run"));
      }
    } catch (IOException e) {
      err.println("mpm-httpd: could not make the folder of the PidFile: " + e);
      return FAILED;
    }
    try (Mpm mpm =
            single
                ? Mpm.startInProcess(config, new HttpApplication(), options)
                : Mpm.start(config, HttpApplication.class, options);
        StatusServer status = statusServer(mpm, statusListen)) {
      if (status != null) {
        log.info("status on http://{}/server-status", status.address());
      }
      if (!mpm.children().isEmpty()) { // a signal may have stopped it
        out.println(readyLine(config.model(), mpm));
        out.flush();
      }
      mpm.join();
      return 0;
    } catch (StartException | UnsupportedOperationException e) {
      err.println("mpm-httpd: " + e.getMessage());
      return FAILED;
    }
  }

  private static @Nullable StatusServer statusServer(
      Mpm mpm, Optional<HttpConfig.StatusListen> listen) throws StartException {
    if (listen.isEmpty()) {
      return null;
    }
    try {
      return StatusServer.open(mpm::status, listen.get().address(), listen.get().require());
    } catch (IOException e) {
      throw new StartException("StatusListen " + listen.get().address() + ": " + e.getMessage(), e);
    }
  }

  private static String readyLine(ProcessModel model, Mpm mpm) {
    int children = mpm.children().size();
    String addresses =
        mpm.addresses().stream().map(ServerAddress::show).collect(Collectors.joining(", "));
    return "ready: %s MPM, %d %s, %s (pid %d)"
        .formatted(
            model.httpdName(),
            children,
            children == 1 ? "child" : "children",
            addresses,
            ProcessHandle.current().pid());
  }

  private static Path home() {
    return Path.of(System.getProperty(HOME, "")).toAbsolutePath();
  }

  private Path configFile() {
    return file == null ? home().resolve("examples/conf/mpm-httpd.conf") : file;
  }

  private static Path defaultPidFile() {
    return home().resolve(ControlClient.DEFAULT_PID_FILE);
  }

  private Vocabulary vocabulary() {
    Path folder = configFile().toAbsolutePath().getParent();
    Vocabulary vocabulary =
        HttpConfig.vocabulary()
            .withDefaults(
                "ServerRoot " + quoted(folder == null ? Path.of("/") : folder),
                "DocumentRoot " + quoted(home().resolve("examples/www")),
                "Listen 127.0.0.1:8080");
    return file == null
        ? vocabulary.withDefaults("PidFile " + quoted(defaultPidFile()))
        : vocabulary;
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private void listModules() {
    out.println("Compiled in modules:");
    out.println("  core.c");
    for (ProcessModel model : ProcessModel.values()) {
      out.println("  " + model.httpdName() + ".c (" + model.moduleName() + ")");
    }
  }

  private void showVersion(ProcessModel model) {
    out.println("Server version: mpm4j/" + artifactVersion());
    out.println(
        "Server JVM:     %s (%s)"
            .formatted(Runtime.version(), System.getProperty("java.vm.name", "unknown")));
    out.println(
        "Platform:       %s %s"
            .formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
    out.println("Architecture:   64-bit");
    out.println("Server MPM:     " + model.httpdName());
    out.println("  threaded:     " + (model.threaded() ? "yes (fixed thread count)" : "no"));
    out.println("    forked:     yes (variable process count)");
    out.println("Server compiled with....");
    out.println(" -D SERVER_CONFIG_FILE=" + quoted(configFile()));
  }

  /// The version that Maven wrote into the jar.
  private static String artifactVersion() {
    Properties properties = new Properties();
    try (InputStream stream =
        Main.class.getResourceAsStream("/META-INF/maven/org.mpm4j/mpm4j-examples/pom.properties")) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException _) {
      // as if it were not there
    }
    return properties.getProperty("version", "unknown");
  }
}
