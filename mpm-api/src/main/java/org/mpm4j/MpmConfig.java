package org.mpm4j;

import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.mpm4j.ValueKind.ClassPath;
import org.mpm4j.ValueKind.SocketFile;

/// The configuration of a server: httpd's directives under httpd's names, with httpd's defaults
/// unless an accessor says why not.
///
/// It comes from a builder, [#event()], or from text in httpd's syntax, [#load(Path, List,
/// Vocabulary)]; [#toDirectives()] writes it back. Either way everything is checked strictly
/// ([ConfigException] carries all errors), and httpd's rules that make the numbers fit together are
/// applied and reported in [#corrections()]. A directive of another process model has no effect and
/// is reported there too.
///
/// An instance is immutable. Two are equal if they have the same effect: the same model, the same
/// values in effect and the same directives of the server.
public final class MpmConfig {
  private final Draft draft;
  private final ProcessModel model;
  private final Map<Setting<?>, Object> values;
  private final List<Correction> corrections;

  MpmConfig(Draft draft, Map<Setting<?>, Object> values, List<Correction> corrections) {
    this.draft = draft;
    this.model = draft.model();
    this.values = Map.copyOf(values);
    this.corrections = List.copyOf(corrections);
  }

  /// A builder for the prefork model.
  ///
  /// @return a new builder with the defaults of that model
  public static MpmConfigBuilder prefork() {
    return builder(ProcessModel.PREFORK);
  }

  /// A builder for the worker model.
  ///
  /// @return a new builder with the defaults of that model
  public static MpmConfigBuilder worker() {
    return builder(ProcessModel.WORKER);
  }

  /// A builder for the event model.
  ///
  /// @return a new builder with the defaults of that model
  public static MpmConfigBuilder event() {
    return builder(ProcessModel.EVENT);
  }

  /// A builder.
  ///
  /// @param model the process model
  /// @return a new builder with the defaults of that model
  public static MpmConfigBuilder builder(ProcessModel model) {
    return new MpmConfigBuilder(model);
  }

  /// Reads a file of mpm4j's own directives.
  ///
  /// @param file the file, in UTF-8
  /// @return the configuration
  /// @throws ConfigException if it cannot be read or has errors
  public static MpmConfig load(Path file) {
    return load(file, List.of(), Vocabulary.none());
  }

  /// Reads a file.
  ///
  /// The overrides are processed after the file, as httpd does for `-c`: for each directive the
  /// last one wins, but `Listen` in any override replaces all those of the file, and
  /// `ChildJvmOption` and `ChildEnvironment` add to them.
  ///
  /// @param file the file, in UTF-8
  /// @param overrides each a directive such as `Listen 127.0.0.1:8080`
  /// @param vocabulary what the embedding server adds to the language
  /// @return the configuration
  /// @throws ConfigException if it cannot be read or has errors
  public static MpmConfig load(Path file, List<String> overrides, Vocabulary vocabulary) {
    return ConfigFile.load(file, overrides, vocabulary);
  }

  /// Reads text that holds mpm4j's own directives.
  ///
  /// @param sourceName the name for the text in messages
  /// @param text the text
  /// @return the configuration
  /// @throws ConfigException if it has errors
  public static MpmConfig parse(String sourceName, String text) {
    return parse(sourceName, text, List.of(), Vocabulary.none());
  }

  /// Reads text; overrides and vocabulary are those of [#load(Path, List, Vocabulary)].
  ///
  /// @param sourceName the name for the text in messages
  /// @param text the text
  /// @param overrides each a directive such as `Listen 127.0.0.1:8080`
  /// @param vocabulary what the embedding server adds to the language
  /// @return the configuration
  /// @throws ConfigException if it has errors
  public static MpmConfig parse(
      String sourceName, String text, List<String> overrides, Vocabulary vocabulary) {
    return ConfigFile.parse(sourceName, text, overrides, vocabulary);
  }

  /// The process model: the directive `Mpm event`, or `LoadModule mpm_event_module …`.
  ///
  /// @return the model; event if nothing says otherwise
  public ProcessModel model() {
    return model;
  }

  /// The addresses to listen to, of class [java.net.InetSocketAddress], resolved, or
  /// [java.net.UnixDomainSocketAddress].
  ///
  /// `Listen 80` is written here as `[::]:80`, which takes connections of both families, while
  /// `0.0.0.0:80` takes those of IPv4 only. Port 0 lets the kernel choose.
  ///
  /// @return at least one address
  public List<SocketAddress> listen() {
    return draft.listeners();
  }

  /// The child processes that serve at the same time at most.
  ///
  /// @return [#maxRequestWorkers()] / [#threadsPerChild()], at least 1
  public int childLimit() {
    return maxRequestWorkers() / threadsPerChild();
  }

  /// The slots for child processes, fixed when the server first starts.
  ///
  /// No more processes exist at a time, those that are still ending included.
  ///
  /// @return 1 to 200000 under prefork, 1 to 20000 under worker and event
  public int serverLimit() {
    return number(Setting.SERVER_LIMIT, 0);
  }

  /// The highest [#threadsPerChild()] that a restart may bring, fixed when the server first starts.
  ///
  /// @return at least 1; 1 under prefork
  public int threadLimit() {
    return number(Setting.THREAD_LIMIT, 1);
  }

  /// The worker threads of each child.
  ///
  /// @return at least 1; 1 under prefork
  public int threadsPerChild() {
    return number(Setting.THREADS_PER_CHILD, 1);
  }

  /// The connections processed at the same time at most, over all children.
  ///
  /// @return a multiple of [#threadsPerChild()]
  public int maxRequestWorkers() {
    return number(Setting.MAX_REQUEST_WORKERS, 0);
  }

  /// How the number of children follows the load: PHP-FPM's `pm`. httpd knows the dynamic way only.
  ///
  /// @return the policy; dynamic if nothing says otherwise
  public ProcessPolicy processManager() {
    return Setting.PROCESS_MANAGER.in(values).orElseThrow();
  }

  /// The child processes created at the start.
  ///
  /// @return 1 to [#childLimit()] under the dynamic policy; [#childLimit()] under the static one
  ///   and 0 under ondemand, which as in PHP-FPM leave no choice
  public int startServers() {
    return number(Setting.START_SERVERS, 0);
  }

  /// The idle children below which more are created, under prefork.
  ///
  /// @return at least 1; 0 under worker and event
  public int minSpareServers() {
    return number(Setting.MIN_SPARE_SERVERS, 0);
  }

  /// The idle children above which some are ended, under prefork.
  ///
  /// @return more than [#minSpareServers()]; 0 under worker and event
  public int maxSpareServers() {
    return number(Setting.MAX_SPARE_SERVERS, 0);
  }

  /// The idle threads, over all children, below which children are created.
  ///
  /// @return at least 1; under prefork, where a child is one thread, [#minSpareServers()]
  public int minSpareThreads() {
    return number(model.threaded() ? Setting.MIN_SPARE_THREADS : Setting.MIN_SPARE_SERVERS, 0);
  }

  /// The idle threads, over all children, above which children are ended.
  ///
  /// @return more than [#minSpareThreads()] + [#threadsPerChild()]; under prefork
  ///   [#maxSpareServers()]
  public int maxSpareThreads() {
    return number(model.threaded() ? Setting.MAX_SPARE_THREADS : Setting.MAX_SPARE_SERVERS, 0);
  }

  /// How long a child may be idle until it is ended, under the ondemand policy: PHP-FPM's
  /// `pm.process_idle_timeout`.
  ///
  /// @return at least a millisecond
  public Duration processIdleTimeout() {
    return Setting.PROCESS_IDLE_TIMEOUT.in(values).orElseThrow();
  }

  /// The connections, not requests, after which a child is replaced.
  ///
  /// @return 0 for never
  public int maxConnectionsPerChild() {
    return number(Setting.MAX_CONNECTIONS_PER_CHILD, 0);
  }

  /// The age at which a child is replaced, counted from when it is ready.
  ///
  /// @return zero for never
  public Duration maxChildAge() {
    return Setting.MAX_CHILD_AGE.in(values).orElseThrow();
  }

  /// The resident memory above which a child is replaced, all of its process and not only its heap.
  ///
  /// @return bytes, at least 1 MiB; 0 for no limit
  public long maxChildMemory() {
    return Setting.MAX_CHILD_MEMORY.in(values).orElseThrow();
  }

  /// How far [#maxConnectionsPerChild()] and [#maxChildAge()] may differ, at random, from one child
  /// to the next, so that children of the same age are not all replaced at once.
  ///
  /// @return a fraction of either limit, 0 to 0.5; 0 for not at all
  public double recycleJitter() {
    return Setting.RECYCLE_JITTER.in(values).orElseThrow();
  }

  /// The children that are replaced at the same time at most, for one of the reasons above. It is
  /// rounded up, so that it never comes to none.
  ///
  /// @return a share of the children, above 0
  public Share maxRecyclingChildren() {
    return Setting.MAX_RECYCLING_CHILDREN.in(values).orElseThrow();
  }

  /// The connections that a child of the event model accepts for each idle thread, beyond one for
  /// each of its threads. It is used as the fraction that it is; httpd cuts it to sixteenths.
  /// Values below 1 are allowed, as in httpd, but then some idle threads find no connection.
  ///
  /// @return 0.001 to 1000000; 0 under prefork and worker
  public double asyncRequestWorkerFactor() {
    return Setting.ASYNC_REQUEST_WORKER_FACTOR.in(values).orElse(0.0);
  }

  /// The keep-alive connections that a child of the event model holds while they wait for their
  /// next request. httpd has no such directive: there they count with all others.
  ///
  /// @return 0 for what the limit on descriptors allows; 0 under prefork and worker
  public int maxKeepAliveConnections() {
    return number(Setting.MAX_KEEP_ALIVE_CONNECTIONS, 0);
  }

  /// The connections that may wait in the kernel to be accepted, for each listening socket.
  ///
  /// @return at least 1
  public int listenBackLog() {
    return number(Setting.LISTEN_BACK_LOG, 0);
  }

  /// Whether the kernel holds a connection back until its first data have come: the directive
  /// `AcceptFilter http data`, which is the default, or `AcceptFilter http none`. Switch it off for
  /// a protocol in which the server speaks first.
  ///
  /// @return whether to defer
  public boolean deferAccept() {
    return Setting.ACCEPT_FILTER.in(values).orElseThrow();
  }

  /// The size of the send buffer of each connection.
  ///
  /// @return bytes, at least 512; 0 for the operating system's choice
  public int sendBufferSize() {
    return number(Setting.SEND_BUFFER_SIZE, 0);
  }

  /// The size of the receive buffer of each connection.
  ///
  /// @return bytes, at least 512; 0 for the operating system's choice
  public int receiveBufferSize() {
    return number(Setting.RECEIVE_BUFFER_SIZE, 0);
  }

  /// How long one read or write may wait.
  ///
  /// @return at least a millisecond
  public Duration timeout() {
    return Setting.TIMEOUT.in(values).orElseThrow();
  }

  /// Whether a connection may serve more than one request.
  ///
  /// @return whether connections are kept
  public boolean keepAlive() {
    return Setting.KEEP_ALIVE.in(values).orElseThrow();
  }

  /// How long an idle connection is kept for its next request.
  ///
  /// @return zero for not at all, as if [#keepAlive()] were off
  public Duration keepAliveTimeout() {
    return Setting.KEEP_ALIVE_TIMEOUT.in(values).orElseThrow();
  }

  /// The requests that one connection may serve.
  ///
  /// @return 0 for any number
  public int maxKeepAliveRequests() {
    return number(Setting.MAX_KEEP_ALIVE_REQUESTS, 0);
  }

  /// How long a client may take to send a request.
  ///
  /// @return the limits
  public RequestReadTimeout requestReadTimeout() {
    return Setting.REQUEST_READ_TIMEOUT.in(values).orElseThrow();
  }

  /// How long a request may take until the stack of its thread is logged: PHP-FPM's
  /// `request_slowlog_timeout`.
  ///
  /// @return zero for ever
  public Duration requestSlowLogTimeout() {
    return Setting.REQUEST_SLOW_LOG_TIMEOUT.in(values).orElseThrow();
  }

  /// How long a request may take until its thread is interrupted and, should that not help, its
  /// child replaced: PHP-FPM's `request_terminate_timeout`.
  ///
  /// @return zero for ever
  public Duration requestTerminateTimeout() {
    return Setting.REQUEST_TERMINATE_TIMEOUT.in(values).orElseThrow();
  }

  /// How long a draining child waits for its connections to end before it closes them, whether it
  /// drains for a stop, a reload or because it is replaced. httpd knows it for a stop only. The
  /// default is 30 seconds and not httpd's 0, since a client that never hangs up would otherwise
  /// keep the server, and whoever waits for it, from ever ending.
  ///
  /// @return zero to wait for ever
  public Duration gracefulShutdownTimeout() {
    return Setting.GRACEFUL_SHUTDOWN_TIMEOUT.in(values).orElseThrow();
  }

  /// The children that a reload may have beyond the usual number, rounded up, as `maxSurge` of a
  /// Kubernetes deployment.
  ///
  /// @return a share of the children; not none if [#reloadMaxUnavailable()] is none
  public Share reloadMaxSurge() {
    return Setting.RELOAD_MAX_SURGE.in(values).orElseThrow();
  }

  /// The children that a reload may lack from the usual number, rounded down, as `maxUnavailable`
  /// of a Kubernetes deployment; and as there it counts as 1 where both shares come to no child at
  /// all.
  ///
  /// @return a share of the children; not none if [#reloadMaxSurge()] is none
  public Share reloadMaxUnavailable() {
    return Setting.RELOAD_MAX_UNAVAILABLE.in(values).orElseThrow();
  }

  /// How long a child may take until it is ready; after that it counts as failed. httpd has no such
  /// directive, its children are ready at once.
  ///
  /// @return at least a millisecond
  public Duration childStartTimeout() {
    return Setting.CHILD_START_TIMEOUT.in(values).orElseThrow();
  }

  /// How long a child that is ready may give no sign of life; after that it counts as stuck.
  /// Children give one every second.
  ///
  /// @return at least 3 seconds; zero for ever
  public Duration heartbeatTimeout() {
    return Setting.HEARTBEAT_TIMEOUT.in(values).orElseThrow();
  }

  /// The unexpected deaths of children within [#childRestartInterval()] at most; with one more, no
  /// child is started for [#childRestartCoolDown()]. It is the restart intensity of an OTP
  /// supervisor.
  ///
  /// @return at least 1
  public int childRestartLimit() {
    return number(Setting.CHILD_RESTART_LIMIT, 0);
  }

  /// The time over which [#childRestartLimit()] counts.
  ///
  /// @return at least a millisecond
  public Duration childRestartInterval() {
    return Setting.CHILD_RESTART_INTERVAL.in(values).orElseThrow();
  }

  /// How long no child is started once [#childRestartLimit()] is exceeded: how long a circuit
  /// breaker stays open.
  ///
  /// @return at least a millisecond
  public Duration childRestartCoolDown() {
    return Setting.CHILD_RESTART_COOL_DOWN.in(values).orElseThrow();
  }

  /// The file that holds the process number of the supervisor. There is none by default, unlike in
  /// httpd: a library should write no file that nobody asked for.
  ///
  /// @return the path as it was given, relative to the working directory
  public Optional<Path> pidFile() {
    return Setting.PID_FILE.in(values);
  }

  /// The Unix-domain socket that takes commands. Unless the configuration gives one or says
  /// `ControlSocket none`, it is beside the [#pidFile()], with `.sock` in place of a final `.pid`
  /// or appended; without a pid file there is none.
  ///
  /// @return the path, relative to the working directory
  public Optional<Path> controlSocket() {
    return Setting.CONTROL_SOCKET.in(values).filter(path -> !path.equals(SocketFile.NONE));
  }

  /// The file mapped as scoreboard, for readers outside the server. There is none by default, the
  /// scoreboard is then anonymous.
  ///
  /// @return the path as it was given, relative to the working directory
  public Optional<Path> scoreBoardFile() {
    return Setting.SCORE_BOARD_FILE.in(values);
  }

  /// The user that the children run as, if the server is started as root. Whether there is such a
  /// user is known only at the start.
  ///
  /// @return a name, or `#` and a number; empty for the user of the server
  public Optional<String> user() {
    return Setting.USER.in(values);
  }

  /// The group that the children run as, if the server is started as root.
  ///
  /// @return a name, or `#` and a number; empty for the group of the [#user()] or, without one, of
  ///   the server
  public Optional<String> group() {
    return Setting.GROUP.in(values);
  }

  /// The directories and archives that the children look for classes in before they look in the
  /// class path of this JVM, so that a reload may bring other code of the application. An entry may
  /// end in `/*`, as for the JVM.
  ///
  /// @return the paths as they were given, relative to the working directory
  public List<Path> childClassPath() {
    return Setting.CHILD_CLASS_PATH.in(values).map(ClassPath.Entries::paths).orElse(List.of());
  }

  /// The options for the JVM of each child: the directives `ChildJvmOption -Xmx64m`, which add up.
  ///
  /// @return the options in their order
  public List<String> childJvmOptions() {
    return draft.jvmOptions();
  }

  /// The variables set in the environment of each child: the directives `ChildEnvironment NAME
  /// value`. The last value of a name counts.
  ///
  /// @return values by name
  public Map<String, String> childEnvironment() {
    return draft.environment();
  }

  /// The directives and sections of the embedding server, which its [Vocabulary] allows; those in a
  /// skipped `<IfModule>` are left out.
  ///
  /// @return the directives in their order
  public List<Directive> serverDirectives() {
    return draft.serverDirectives();
  }

  /// What is used differently from how it was given, and what was ignored.
  ///
  /// @return the corrections; none if the configuration is used as it stands
  public List<Correction> corrections() {
    return corrections;
  }

  /// The configuration in effect in httpd's syntax, every directive written out. Reading it with a
  /// vocabulary that knows the server's directives, or with [Vocabulary#any()], gives a
  /// configuration equal to this one and without corrections.
  ///
  /// @return text of several lines
  public String toDirectives() {
    return ConfigText.write(this, values);
  }

  /// The directives that mpm4j knows, one on each line with its default under `model` and its
  /// meaning.
  ///
  /// @param model the process model
  /// @return text of several lines
  public static String directiveReference(ProcessModel model) {
    return ConfigText.reference(model);
  }

  private int number(Setting<Integer> setting, int elsewhere) {
    return setting.in(values).orElse(elsewhere);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MpmConfig that
        && model == that.model
        && values.equals(that.values)
        && listen().equals(that.listen())
        && childJvmOptions().equals(that.childJvmOptions())
        && childEnvironment().equals(that.childEnvironment())
        && serverDirectives().equals(that.serverDirectives());
  }

  @Override
  public int hashCode() {
    return Objects.hash(model, values, listen(), childJvmOptions(), childEnvironment());
  }

  /// The model and the addresses, for example `MpmConfig[event, listen 127.0.0.1:8080]`.
  @Override
  public String toString() {
    return "MpmConfig["
        + model.httpdName()
        + ", listen "
        + String.join(" ", listen().stream().map(ListenAddress::write).toList())
        + "]";
  }
}
