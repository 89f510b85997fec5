package org.mpm4j;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mpm4j.Quantity.BufferSize;
import org.mpm4j.Quantity.Fraction;
import org.mpm4j.Quantity.MemorySize;
import org.mpm4j.Quantity.Percentage;
import org.mpm4j.Quantity.ShareOfChildren;
import org.mpm4j.Quantity.Time;
import org.mpm4j.Quantity.WholeNumber;
import org.mpm4j.ValueKind.AcceptFilter;
import org.mpm4j.ValueKind.Account;
import org.mpm4j.ValueKind.ClassPath;
import org.mpm4j.ValueKind.FilePath;
import org.mpm4j.ValueKind.Policy;
import org.mpm4j.ValueKind.ReadTimeout;
import org.mpm4j.ValueKind.SocketFile;
import org.mpm4j.ValueKind.Switch;

/// A directive that has one value, and the table of all of them. The reader, the builder, the
/// writer and the reference text are driven by this table.
///
/// @param <T> the type of the value
final class Setting<T> {
  private static final ProcessModel P = ProcessModel.PREFORK;
  private static final ProcessModel W = ProcessModel.WORKER;
  private static final ProcessModel E = ProcessModel.EVENT;

  // The numbers are those of httpd 2.4 (mpm_default.h and the top of prefork.c, worker.c, event.c).

  static final Setting<Integer> SERVER_LIMIT =
      new Setting<>(
          "ServerLimit",
          WholeNumber.corrected(1, model -> model.threaded() ? 20_000 : 200_000),
          Map.of(P, 256, W, 16, E, 16),
          "Child processes at most, fixed when the server first starts.");

  static final Setting<Integer> THREAD_LIMIT =
      new Setting<>(
          "ThreadLimit",
          WholeNumber.corrected(1, Setting::threadCeiling),
          Map.of(W, 64, E, 64),
          "The highest ThreadsPerChild, fixed when the server first starts.");

  static final Setting<Integer> THREADS_PER_CHILD =
      new Setting<>(
          "ThreadsPerChild",
          WholeNumber.corrected(1, Setting::threadCeiling),
          Map.of(W, 25, E, 25),
          "Worker threads of each child.");

  static final Setting<Integer> MAX_REQUEST_WORKERS =
      new Setting<>(
          "MaxRequestWorkers",
          WholeNumber.corrected(1, _ -> Integer.MAX_VALUE),
          Map.of(P, 256, W, 400, E, 400),
          "Connections processed at the same time at most, over all children.");

  static final Setting<ProcessPolicy> PROCESS_MANAGER =
      everywhere(
          "ProcessManager",
          new Policy(),
          ProcessPolicy.DYNAMIC,
          "How the number of children follows the load: dynamic, static or ondemand.");

  static final Setting<Integer> START_SERVERS =
      new Setting<>(
          "StartServers",
          WholeNumber.corrected(1, _ -> Integer.MAX_VALUE),
          Map.of(P, 5, W, 3, E, 3),
          "Child processes created at the start, under dynamic.");

  static final Setting<Integer> MIN_SPARE_SERVERS =
      new Setting<>(
          "MinSpareServers",
          WholeNumber.corrected(1, _ -> Integer.MAX_VALUE),
          Map.of(P, 5),
          "Idle children below which more are created.");

  static final Setting<Integer> MAX_SPARE_SERVERS =
      new Setting<>(
          "MaxSpareServers",
          WholeNumber.corrected(1, _ -> Integer.MAX_VALUE),
          Map.of(P, 10),
          "Idle children above which some are ended.");

  static final Setting<Integer> MIN_SPARE_THREADS =
      new Setting<>(
          "MinSpareThreads",
          WholeNumber.corrected(1, _ -> Integer.MAX_VALUE),
          Map.of(W, 75, E, 75),
          "Idle threads, over all children, below which children are created.");

  static final Setting<Integer> MAX_SPARE_THREADS =
      new Setting<>(
          "MaxSpareThreads",
          WholeNumber.corrected(1, _ -> Integer.MAX_VALUE),
          Map.of(W, 250, E, 250),
          "Idle threads, over all children, above which children are ended.");

  static final Setting<Duration> PROCESS_IDLE_TIMEOUT =
      everywhere(
          "ProcessIdleTimeout",
          Time.atLeast(Duration.ofMillis(1)),
          Duration.ofSeconds(10),
          "How long a child may be idle until it is ended, under ondemand.");

  static final Setting<Integer> MAX_CONNECTIONS_PER_CHILD =
      everywhere(
          "MaxConnectionsPerChild",
          WholeNumber.atLeast(0),
          0,
          "Connections after which a child is replaced; 0 for never.");

  static final Setting<Duration> MAX_CHILD_AGE =
      everywhere(
          "MaxChildAge",
          Time.any(),
          Duration.ZERO,
          "The age at which a child is replaced; 0 for never.");

  static final Setting<Long> MAX_CHILD_MEMORY =
      everywhere(
          "MaxChildMemory",
          new MemorySize(),
          0L,
          "The resident memory above which a child is replaced; 0 for any.");

  static final Setting<Double> RECYCLE_JITTER =
      everywhere(
          "RecycleJitter",
          new Percentage(50),
          0.1,
          "How far MaxConnectionsPerChild and MaxChildAge differ among children.");

  static final Setting<Share> MAX_RECYCLING_CHILDREN =
      everywhere(
          "MaxRecyclingChildren",
          new ShareOfChildren(false),
          Share.percent(10),
          "The children replaced at the same time at most, one at least.");

  static final Setting<Double> ASYNC_REQUEST_WORKER_FACTOR =
      new Setting<>(
          "AsyncRequestWorkerFactor",
          new Fraction(),
          Map.of(E, 2.0),
          "Connections a child accepts for each idle thread beyond one for each thread.");

  static final Setting<Integer> MAX_KEEP_ALIVE_CONNECTIONS =
      new Setting<>(
          "MaxKeepAliveConnections",
          WholeNumber.atLeast(0),
          Map.of(E, 0),
          "Keep-alive connections parked in a child; 0 for what the descriptor limit allows.");

  static final Setting<Integer> LISTEN_BACK_LOG =
      everywhere(
          "ListenBackLog",
          WholeNumber.atLeast(1),
          511,
          "Connections that may wait in the kernel to be accepted.");

  static final Setting<Boolean> ACCEPT_FILTER =
      everywhere(
          "AcceptFilter",
          new AcceptFilter(),
          true,
          "Whether the kernel holds a connection back until its first data have come.");

  static final Setting<Integer> SEND_BUFFER_SIZE =
      everywhere(
          "SendBufferSize", new BufferSize(), 0, "Bytes of the send buffer; 0 for the default.");

  static final Setting<Integer> RECEIVE_BUFFER_SIZE =
      everywhere(
          "ReceiveBufferSize",
          new BufferSize(),
          0,
          "Bytes of the receive buffer; 0 for the default.");

  static final Setting<Duration> TIMEOUT =
      everywhere(
          "Timeout",
          Time.atLeast(Duration.ofMillis(1)),
          Duration.ofSeconds(60),
          "How long one read or write may wait.");

  static final Setting<Boolean> KEEP_ALIVE =
      everywhere("KeepAlive", new Switch(), true, "Whether a connection may serve more requests.");

  static final Setting<Duration> KEEP_ALIVE_TIMEOUT =
      everywhere(
          "KeepAliveTimeout",
          Time.any(),
          Duration.ofSeconds(5),
          "How long an idle connection is kept for its next request; 0 for not at all.");

  static final Setting<Integer> MAX_KEEP_ALIVE_REQUESTS =
      everywhere(
          "MaxKeepAliveRequests",
          WholeNumber.atLeast(0),
          100,
          "Requests on one connection; 0 for any number.");

  static final Setting<RequestReadTimeout> REQUEST_READ_TIMEOUT =
      everywhere(
          "RequestReadTimeout",
          new ReadTimeout(),
          RequestReadTimeout.DEFAULT,
          "How long a client may take to send a request.");

  static final Setting<Duration> REQUEST_SLOW_LOG_TIMEOUT =
      everywhere(
          "RequestSlowLogTimeout",
          Time.any(),
          Duration.ZERO,
          "How long a request may take until its stack is logged; 0 for ever.");

  static final Setting<Duration> REQUEST_TERMINATE_TIMEOUT =
      everywhere(
          "RequestTerminateTimeout",
          Time.any(),
          Duration.ZERO,
          "How long a request may take until it is interrupted; 0 for ever.");

  static final Setting<Duration> GRACEFUL_SHUTDOWN_TIMEOUT =
      everywhere(
          "GracefulShutdownTimeout",
          Time.any(),
          Duration.ofSeconds(30),
          "How long draining children wait for open connections; 0 for ever.");

  static final Setting<Share> RELOAD_MAX_SURGE =
      everywhere(
          "ReloadMaxSurge",
          new ShareOfChildren(true),
          Share.percent(25),
          "The children that a reload may have beyond the usual number.");

  static final Setting<Share> RELOAD_MAX_UNAVAILABLE =
      everywhere(
          "ReloadMaxUnavailable",
          new ShareOfChildren(true),
          Share.count(0),
          "The children that a reload may lack from the usual number.");

  static final Setting<Duration> CHILD_START_TIMEOUT =
      everywhere(
          "ChildStartTimeout",
          Time.atLeast(Duration.ofMillis(1)),
          Duration.ofSeconds(60),
          "How long a child may take until it is ready.");

  static final Setting<Duration> HEARTBEAT_TIMEOUT =
      everywhere(
          "HeartbeatTimeout",
          new Time(Duration.ofSeconds(3), true),
          Duration.ofSeconds(60),
          "How long a child may give no sign of life; 0 for ever.");

  static final Setting<Integer> CHILD_RESTART_LIMIT =
      everywhere(
          "ChildRestartLimit",
          WholeNumber.atLeast(1),
          10,
          "Unexpected deaths of children within ChildRestartInterval, at most.");

  static final Setting<Duration> CHILD_RESTART_INTERVAL =
      everywhere(
          "ChildRestartInterval",
          Time.atLeast(Duration.ofMillis(1)),
          Duration.ofSeconds(60),
          "The time over which ChildRestartLimit counts.");

  static final Setting<Duration> CHILD_RESTART_COOL_DOWN =
      everywhere(
          "ChildRestartCoolDown",
          Time.atLeast(Duration.ofMillis(1)),
          Duration.ofSeconds(30),
          "How long no child is started once ChildRestartLimit is exceeded.");

  static final Setting<Path> PID_FILE =
      withoutDefault(
          "PidFile",
          new FilePath(),
          "The file that holds the number of the parent process; none by default.");

  static final Setting<Path> CONTROL_SOCKET =
      everywhere(
          "ControlSocket",
          new SocketFile(),
          SocketFile.NONE,
          "The socket that takes commands, or none; by default beside PidFile.");

  static final Setting<Path> SCORE_BOARD_FILE =
      withoutDefault(
          "ScoreBoardFile",
          new FilePath(),
          "The file mapped as scoreboard; none by default, the scoreboard is then anonymous.");

  static final Setting<String> USER =
      withoutDefault(
          "User", new Account(), "The user that children run as; by default that of the server.");

  static final Setting<String> GROUP =
      withoutDefault(
          "Group", new Account(), "The group that children run as; by default that of the User.");

  static final Setting<ClassPath.Entries> CHILD_CLASS_PATH =
      withoutDefault(
          "ChildClassPath",
          new ClassPath(),
          "Classes for the children, looked at before those of the server.");

  /// All of them, in the order in which they are written.
  static final List<Setting<?>> ALL =
      List.of(
          SERVER_LIMIT,
          THREAD_LIMIT,
          THREADS_PER_CHILD,
          MAX_REQUEST_WORKERS,
          PROCESS_MANAGER,
          START_SERVERS,
          MIN_SPARE_SERVERS,
          MAX_SPARE_SERVERS,
          MIN_SPARE_THREADS,
          MAX_SPARE_THREADS,
          PROCESS_IDLE_TIMEOUT,
          MAX_CONNECTIONS_PER_CHILD,
          MAX_CHILD_AGE,
          MAX_CHILD_MEMORY,
          RECYCLE_JITTER,
          MAX_RECYCLING_CHILDREN,
          ASYNC_REQUEST_WORKER_FACTOR,
          MAX_KEEP_ALIVE_CONNECTIONS,
          LISTEN_BACK_LOG,
          ACCEPT_FILTER,
          SEND_BUFFER_SIZE,
          RECEIVE_BUFFER_SIZE,
          TIMEOUT,
          KEEP_ALIVE,
          KEEP_ALIVE_TIMEOUT,
          MAX_KEEP_ALIVE_REQUESTS,
          REQUEST_READ_TIMEOUT,
          REQUEST_SLOW_LOG_TIMEOUT,
          REQUEST_TERMINATE_TIMEOUT,
          GRACEFUL_SHUTDOWN_TIMEOUT,
          RELOAD_MAX_SURGE,
          RELOAD_MAX_UNAVAILABLE,
          CHILD_START_TIMEOUT,
          HEARTBEAT_TIMEOUT,
          CHILD_RESTART_LIMIT,
          CHILD_RESTART_INTERVAL,
          CHILD_RESTART_COOL_DOWN,
          PID_FILE,
          CONTROL_SOCKET,
          SCORE_BOARD_FILE,
          USER,
          GROUP,
          CHILD_CLASS_PATH);

  private final String name;
  private final ValueKind<T> kind;
  private final Map<ProcessModel, T> defaults;
  private final Set<ProcessModel> models;
  private final String meaning;

  private Setting(String name, ValueKind<T> kind, Map<ProcessModel, T> defaults, String meaning) {
    this(name, kind, defaults, defaults.keySet(), meaning);
  }

  private Setting(
      String name,
      ValueKind<T> kind,
      Map<ProcessModel, T> defaults,
      Set<ProcessModel> models,
      String meaning) {
    this.name = name;
    this.kind = kind;
    this.defaults = defaults;
    this.models = models;
    this.meaning = meaning;
  }

  private static <T> Setting<T> everywhere(
      String name, ValueKind<T> kind, T value, String meaning) {
    return new Setting<>(name, kind, Map.of(P, value, W, value, E, value), meaning);
  }

  private static <T> Setting<T> withoutDefault(String name, ValueKind<T> kind, String meaning) {
    return new Setting<>(name, kind, Map.of(), EnumSet.allOf(ProcessModel.class), meaning);
  }

  private static int threadCeiling(ProcessModel model) {
    return model == ProcessModel.EVENT ? 100_000 : 20_000;
  }

  String name() {
    return name;
  }

  ValueKind<T> kind() {
    return kind;
  }

  String meaning() {
    return meaning;
  }

  boolean appliesTo(ProcessModel model) {
    return models.contains(model);
  }

  Optional<T> defaultFor(ProcessModel model) {
    return Optional.ofNullable(defaults.get(model));
  }

  /// The `value`, which is of this setting's type.
  T cast(Object value) {
    return kind.type().cast(value);
  }

  /// The value among `values`, which holds for each setting what its kind allows.
  Optional<T> in(Map<Setting<?>, Object> values) {
    return Optional.ofNullable(values.get(this)).map(this::cast);
  }

  /// Checks `value`, which is of this setting's type.
  void check(Object value, ProcessModel model) {
    kind.check(cast(value), model);
  }

  /// The arguments that read back as `value`, which is of this setting's type.
  List<String> write(Object value) {
    return kind.write(cast(value));
  }

  @Override
  public String toString() {
    return name;
  }
}
