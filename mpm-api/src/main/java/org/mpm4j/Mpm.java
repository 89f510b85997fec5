package org.mpm4j;

import java.net.SocketAddress;
import java.util.List;
import org.mpm4j.spi.MpmProvider;

/// A running server: one supervisor with its children, or one child in-process.
///
/// ```java
/// try (Mpm mpm = Mpm.start(MpmConfig.event().listen("127.0.0.1:8080").build(), Hello.class)) {
///   mpm.join();
/// }
/// ```
///
/// All methods may be called from any thread. Implemented by mpm4j only; methods may be added.
public interface Mpm extends AutoCloseable {
  /// Starts a supervisor that forks child JVMs and keeps `StartServers` of them; returns when all
  /// of them have opened the application and accept connections.
  ///
  /// The listening sockets are opened here and owned here: a child that dies loses nothing that
  /// waits in their backlog.
  ///
  /// @param config which model, where to listen, how many
  /// @param application a public class with a public constructor without parameters, which the
  ///   children find on the class path (or module path) of this JVM
  /// @return the running server; [#close()] stops it
  /// @throws StartException if an address is taken, a child fails to open the application or does
  ///   not do so within `ChildStartTimeout`, the application is not thread-safe and the model has
  ///   threads, or the `PidFile` belongs to a live server
  /// @throws UnsupportedOperationException if this is not Linux on x86-64 or aarch64, or native
  ///   access is not enabled; the message says what to do
  static Mpm start(MpmConfig config, Class<? extends ServerApplication> application)
      throws StartException {
    return MpmProvider.installed().start(config, application);
  }

  /// Starts one child inside this JVM (httpd's `-X`): the same engine, the same scoreboard, no
  /// process of its own. For tests, debuggers, and embedders who want only the threads.
  ///
  /// @param config as for [#start(MpmConfig, Class)]; numbers of processes have no effect
  /// @param application the application, a lambda welcome: `child -> connection ->
  ///   Disposition.CLOSE`
  /// @return the running server; [#close()] stops it
  /// @throws StartException as for [#start(MpmConfig, Class)]; if the application failed to open,
  ///   its exception is the cause
  static Mpm startInProcess(MpmConfig config, ServerApplication application) throws StartException {
    return MpmProvider.installed().startInProcess(config, application);
  }

  /// Everything that a start with `config` would do differently from what it says, or may not be
  /// able to carry: its [MpmConfig#corrections()], and what this machine's limits on descriptors
  /// and memory say to it, with the numbers. Starts nothing.
  ///
  /// @param config the configuration
  /// @return an unmodifiable list, empty if there is nothing to say
  static List<Correction> check(MpmConfig config) {
    return MpmProvider.installed().check(config);
  }

  /// The configuration in force.
  ///
  /// @return the configuration
  MpmConfig config();

  /// The addresses listened to, with real port numbers where the configuration says 0; in the order
  /// of the `Listen` directives.
  ///
  /// @return an unmodifiable list, never empty
  List<SocketAddress> addresses();

  /// The process ids of the children that are ready, in the order of their slots; in-process, the
  /// id of this JVM.
  ///
  /// @return a snapshot
  List<Long> children();

  /// Waits until the server has stopped, whoever stops it.
  ///
  /// @throws InterruptedException if the waiting thread is interrupted; the server runs on
  void join() throws InterruptedException;

  /// Stops the server and waits until nothing of it is left: no process, no socket, no file.
  /// Idempotent; a call with [StopMode#IMMEDIATE] hurries a graceful stop in progress. If the
  /// calling thread is interrupted, the stop becomes immediate and the interrupt is kept.
  ///
  /// @param mode whether exchanges in progress are served out
  void stop(StopMode mode);

  /// Stops the server gracefully, as `stop(StopMode.GRACEFUL)`.
  @Override
  default void close() {
    stop(StopMode.GRACEFUL);
  }
}
