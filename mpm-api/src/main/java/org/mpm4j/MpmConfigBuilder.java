package org.mpm4j;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.mpm4j.ValueKind.ClassPath;

/// Builds a configuration in Java code. Values are checked by [#build()], all together; a value
/// that is not set has the default of the process model.
public final class MpmConfigBuilder {
  private static final Location BUILDER = new Location("builder", 0);

  private final Draft draft;

  MpmConfigBuilder(ProcessModel model) {
    draft = new Draft(Objects.requireNonNull(model, "model"));
  }

  /// Adds an address to listen to, in the syntax of the directive: `8080`, `127.0.0.1:8080`,
  /// `[::1]:8080`, `localhost:0`, `unix:/run/app.sock`.
  ///
  /// @param address the address
  /// @return this
  public MpmConfigBuilder listen(String address) {
    draft.listen(address, InetAddress::getByName, BUILDER);
    return this;
  }

  /// Adds an address to listen to. Mind that `new InetSocketAddress(8080)` is the wildcard of IPv4
  /// on most machines; `listen("8080")` is the one of both families.
  ///
  /// @param address an address of the internet or the Unix domain
  /// @return this
  public MpmConfigBuilder listen(SocketAddress address) {
    draft.listen(address, BUILDER);
    return this;
  }

  /// Sets [MpmConfig#serverLimit()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder serverLimit(int value) {
    return set(Setting.SERVER_LIMIT, value);
  }

  /// Sets [MpmConfig#threadLimit()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder threadLimit(int value) {
    return set(Setting.THREAD_LIMIT, value);
  }

  /// Sets [MpmConfig#threadsPerChild()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder threadsPerChild(int value) {
    return set(Setting.THREADS_PER_CHILD, value);
  }

  /// Sets [MpmConfig#maxRequestWorkers()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder maxRequestWorkers(int value) {
    return set(Setting.MAX_REQUEST_WORKERS, value);
  }

  /// Sets [MpmConfig#processManager()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder processManager(ProcessPolicy value) {
    return set(Setting.PROCESS_MANAGER, value);
  }

  /// Sets [MpmConfig#startServers()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder startServers(int value) {
    return set(Setting.START_SERVERS, value);
  }

  /// Sets [MpmConfig#minSpareServers()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder minSpareServers(int value) {
    return set(Setting.MIN_SPARE_SERVERS, value);
  }

  /// Sets [MpmConfig#maxSpareServers()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder maxSpareServers(int value) {
    return set(Setting.MAX_SPARE_SERVERS, value);
  }

  /// Sets [MpmConfig#minSpareThreads()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder minSpareThreads(int value) {
    return set(Setting.MIN_SPARE_THREADS, value);
  }

  /// Sets [MpmConfig#maxSpareThreads()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder maxSpareThreads(int value) {
    return set(Setting.MAX_SPARE_THREADS, value);
  }

  /// Sets [MpmConfig#processIdleTimeout()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder processIdleTimeout(Duration value) {
    return set(Setting.PROCESS_IDLE_TIMEOUT, value);
  }

  /// Sets [MpmConfig#maxConnectionsPerChild()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder maxConnectionsPerChild(int value) {
    return set(Setting.MAX_CONNECTIONS_PER_CHILD, value);
  }

  /// Sets [MpmConfig#maxChildAge()].
  ///
  /// @param value zero for never
  /// @return this
  public MpmConfigBuilder maxChildAge(Duration value) {
    return set(Setting.MAX_CHILD_AGE, value);
  }

  /// Sets [MpmConfig#maxChildMemory()].
  ///
  /// @param value bytes; 0 for no limit
  /// @return this
  public MpmConfigBuilder maxChildMemory(long value) {
    return set(Setting.MAX_CHILD_MEMORY, value);
  }

  /// Sets [MpmConfig#recycleJitter()].
  ///
  /// @param value a fraction from 0 to 0.5, in whole hundredths
  /// @return this
  public MpmConfigBuilder recycleJitter(double value) {
    return set(Setting.RECYCLE_JITTER, value);
  }

  /// Sets [MpmConfig#maxRecyclingChildren()].
  ///
  /// @param value a share that is not none
  /// @return this
  public MpmConfigBuilder maxRecyclingChildren(Share value) {
    return set(Setting.MAX_RECYCLING_CHILDREN, value);
  }

  /// Sets [MpmConfig#asyncRequestWorkerFactor()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder asyncRequestWorkerFactor(double value) {
    return set(Setting.ASYNC_REQUEST_WORKER_FACTOR, value);
  }

  /// Sets [MpmConfig#maxKeepAliveConnections()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder maxKeepAliveConnections(int value) {
    return set(Setting.MAX_KEEP_ALIVE_CONNECTIONS, value);
  }

  /// Sets [MpmConfig#listenBackLog()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder listenBackLog(int value) {
    return set(Setting.LISTEN_BACK_LOG, value);
  }

  /// Sets [MpmConfig#deferAccept()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder deferAccept(boolean value) {
    return set(Setting.ACCEPT_FILTER, value);
  }

  /// Sets [MpmConfig#sendBufferSize()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder sendBufferSize(int value) {
    return set(Setting.SEND_BUFFER_SIZE, value);
  }

  /// Sets [MpmConfig#receiveBufferSize()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder receiveBufferSize(int value) {
    return set(Setting.RECEIVE_BUFFER_SIZE, value);
  }

  /// Sets [MpmConfig#timeout()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder timeout(Duration value) {
    return set(Setting.TIMEOUT, value);
  }

  /// Sets [MpmConfig#keepAlive()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder keepAlive(boolean value) {
    return set(Setting.KEEP_ALIVE, value);
  }

  /// Sets [MpmConfig#keepAliveTimeout()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder keepAliveTimeout(Duration value) {
    return set(Setting.KEEP_ALIVE_TIMEOUT, value);
  }

  /// Sets [MpmConfig#maxKeepAliveRequests()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder maxKeepAliveRequests(int value) {
    return set(Setting.MAX_KEEP_ALIVE_REQUESTS, value);
  }

  /// Sets [MpmConfig#requestReadTimeout()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder requestReadTimeout(RequestReadTimeout value) {
    return set(Setting.REQUEST_READ_TIMEOUT, value);
  }

  /// Sets [MpmConfig#requestSlowLogTimeout()].
  ///
  /// @param value zero for ever
  /// @return this
  public MpmConfigBuilder requestSlowLogTimeout(Duration value) {
    return set(Setting.REQUEST_SLOW_LOG_TIMEOUT, value);
  }

  /// Sets [MpmConfig#requestTerminateTimeout()].
  ///
  /// @param value zero for ever
  /// @return this
  public MpmConfigBuilder requestTerminateTimeout(Duration value) {
    return set(Setting.REQUEST_TERMINATE_TIMEOUT, value);
  }

  /// Sets [MpmConfig#gracefulShutdownTimeout()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder gracefulShutdownTimeout(Duration value) {
    return set(Setting.GRACEFUL_SHUTDOWN_TIMEOUT, value);
  }

  /// Sets [MpmConfig#reloadMaxSurge()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder reloadMaxSurge(Share value) {
    return set(Setting.RELOAD_MAX_SURGE, value);
  }

  /// Sets [MpmConfig#reloadMaxUnavailable()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder reloadMaxUnavailable(Share value) {
    return set(Setting.RELOAD_MAX_UNAVAILABLE, value);
  }

  /// Sets [MpmConfig#childStartTimeout()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder childStartTimeout(Duration value) {
    return set(Setting.CHILD_START_TIMEOUT, value);
  }

  /// Sets [MpmConfig#heartbeatTimeout()].
  ///
  /// @param value at least 3 seconds; zero for ever
  /// @return this
  public MpmConfigBuilder heartbeatTimeout(Duration value) {
    return set(Setting.HEARTBEAT_TIMEOUT, value);
  }

  /// Sets [MpmConfig#childRestartLimit()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder childRestartLimit(int value) {
    return set(Setting.CHILD_RESTART_LIMIT, value);
  }

  /// Sets [MpmConfig#childRestartInterval()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder childRestartInterval(Duration value) {
    return set(Setting.CHILD_RESTART_INTERVAL, value);
  }

  /// Sets [MpmConfig#childRestartCoolDown()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder childRestartCoolDown(Duration value) {
    return set(Setting.CHILD_RESTART_COOL_DOWN, value);
  }

  /// Sets [MpmConfig#pidFile()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder pidFile(Path value) {
    return set(Setting.PID_FILE, value);
  }

  /// Sets [MpmConfig#controlSocket()].
  ///
  /// @param value the path; `none` for no socket even if there is a pid file
  /// @return this
  public MpmConfigBuilder controlSocket(Path value) {
    return set(Setting.CONTROL_SOCKET, value);
  }

  /// Sets [MpmConfig#scoreBoardFile()].
  ///
  /// @param value the value
  /// @return this
  public MpmConfigBuilder scoreBoardFile(Path value) {
    return set(Setting.SCORE_BOARD_FILE, value);
  }

  /// Sets [MpmConfig#user()].
  ///
  /// @param value a name, or `#` and a number
  /// @return this
  public MpmConfigBuilder user(String value) {
    return set(Setting.USER, value);
  }

  /// Sets [MpmConfig#group()].
  ///
  /// @param value a name, or `#` and a number
  /// @return this
  public MpmConfigBuilder group(String value) {
    return set(Setting.GROUP, value);
  }

  /// Sets [MpmConfig#childClassPath()].
  ///
  /// @param value at least one path; none contains a colon, which parts them
  /// @return this
  public MpmConfigBuilder childClassPath(List<Path> value) {
    return set(Setting.CHILD_CLASS_PATH, new ClassPath.Entries(value));
  }

  /// Adds an option to [MpmConfig#childJvmOptions()].
  ///
  /// @param option the option
  /// @return this
  public MpmConfigBuilder childJvmOption(String option) {
    draft.jvmOption(option, BUILDER);
    return this;
  }

  /// Sets a variable of [MpmConfig#childEnvironment()].
  ///
  /// @param name the name
  /// @param value the value
  /// @return this
  public MpmConfigBuilder childEnvironment(String name, String value) {
    draft.environment(name, value, BUILDER);
    return this;
  }

  /// Adds to [MpmConfig#serverDirectives()].
  ///
  /// @param directive a directive or section; no vocabulary is asked whether the server knows it
  /// @return this
  public MpmConfigBuilder serverDirective(Directive directive) {
    draft.serverDirective(directive, BUILDER);
    return this;
  }

  /// Checks what was set and applies httpd's corrections. The builder may be used further.
  ///
  /// @return the configuration
  /// @throws ConfigException if a value is out of its range or there is no address to listen to
  public MpmConfig build() {
    return draft.toConfig(BUILDER);
  }

  private <T> MpmConfigBuilder set(Setting<T> setting, T value) {
    draft.set(setting, Objects.requireNonNull(value, setting.name()), BUILDER);
    return this;
  }
}
