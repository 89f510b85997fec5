package org.mpm4j;

import java.io.IOException;
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
  /// Starts a supervisor that forks child JVMs and keeps as many as the load and the configuration
  /// ask for; returns when `StartServers` of them have opened the application and accept
  /// connections.
  ///
  /// The listening sockets are opened here and owned here: a child that dies loses nothing that
  /// waits in their backlog.
  ///
  /// @param config which model, where to listen, how many
  /// @param application a [ServerApplication] or a [HostedServer]: a public class with a public
  ///   constructor without parameters, which the children find on the class path (or module path)
  ///   of this JVM
  /// @return the running server; [#close()] stops it
  /// @throws StartException if an address is taken, a child fails to open the application or does
  ///   not do so within `ChildStartTimeout`, the application is not thread-safe and the model has
  ///   threads, or the `PidFile` belongs to a live server
  /// @throws UnsupportedOperationException if this is not Linux on x86-64 or aarch64, or native
  ///   access is not enabled; the message says what to do
  static Mpm start(MpmConfig config, Class<? extends ChildApplication> application)
      throws StartException {
    return start(config, application, MpmOptions.none());
  }

  /// Starts as [#start(MpmConfig, Class)] does, with listeners, signals, or a source for reloads.
  ///
  /// @param config as there
  /// @param application as there
  /// @param options what the embedder takes part in
  /// @return the running server; [#close()] stops it
  /// @throws StartException as there
  static Mpm start(
      MpmConfig config, Class<? extends ChildApplication> application, MpmOptions options)
      throws StartException {
    return MpmProvider.installed().start(config, application, options);
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
    return startInProcess(config, application, MpmOptions.none());
  }

  /// Starts as [#startInProcess(MpmConfig, ServerApplication)] does, with listeners or signals.
  ///
  /// @param config as there
  /// @param application as there
  /// @param options what the embedder takes part in; there is nothing to reload in-process
  /// @return the running server; [#close()] stops it
  /// @throws StartException as there
  static Mpm startInProcess(MpmConfig config, ServerApplication application, MpmOptions options)
      throws StartException {
    return MpmProvider.installed().startInProcess(config, application, options);
  }

  /// Starts a whole server inside this JVM, as [#startInProcess(MpmConfig, ServerApplication)] does
  /// an application.
  ///
  /// @param config as there
  /// @param server the server
  /// @param options as there
  /// @return the running server; [#close()] stops it
  /// @throws StartException as there; or if this JVM lacks the options that let it wrap inherited
  ///   sockets (children are given them), which the message names
  static Mpm startInProcess(MpmConfig config, HostedServer server, MpmOptions options)
      throws StartException {
    return MpmProvider.installed().startInProcess(config, server, options);
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

  /// What the server looks like now. Cheap enough to be asked every second; never blocks for long.
  ///
  /// @return a snapshot
  MpmStatus status();

  /// Replaces all children by a new generation that serves with `config`, and loses no connection:
  /// children of the new generation become ready before those of the old one drain, at the pace of
  /// `ReloadMaxSurge` and `ReloadMaxUnavailable`. The process model, the listeners and, with the
  /// class path, the application's code may change. If a child of the new generation fails or is
  /// not ready within `ChildStartTimeout`, the new generation is ended and the old one goes on.
  ///
  /// Blocks until the new generation serves; the old one may still serve out what it has then, for
  /// `GracefulShutdownTimeout` at most. Reloads run one after the other, and at most two old
  /// generations live at a time: a further reload waits for the older one to end.
  ///
  /// @param config the new configuration, in force from then on if the verdict says so
  /// @return how it came out
  /// @throws InterruptedException if the waiting thread is interrupted; the reload goes on
  /// @throws UnsupportedOperationException in-process: there is no child to replace
  ReloadVerdict reload(MpmConfig config) throws InterruptedException;

  /// Reloads with what the [ConfigSource] of the [MpmOptions] reads, or with the configuration in
  /// force if there is none.
  ///
  /// @return how it came out; [ReloadVerdict.Refused] if the source threw
  /// @throws InterruptedException as for [#reload(MpmConfig)]
  /// @throws UnsupportedOperationException in-process: there is no child to replace
  ReloadVerdict reload() throws InterruptedException;

  /// Ends all children at once, cutting off what they serve, and starts a new generation with what
  /// [#reload()] would read. The listening sockets stay open: new connections wait for it.
  ///
  /// Blocks until the new generation serves. If it fails to start, children of the generation
  /// before are started again.
  ///
  /// @return how it came out
  /// @throws InterruptedException if the waiting thread is interrupted; the restart goes on
  /// @throws UnsupportedOperationException in-process: there is no child to replace
  ReloadVerdict restart() throws InterruptedException;

  /// Fixes the number of children, whatever the load, until the next reload.
  ///
  /// @param children 1 to [MpmConfig#childLimit()], or 0 to follow the load again
  /// @throws IllegalArgumentException if it is none of these
  /// @throws UnsupportedOperationException in-process: there is one child
  void scale(int children);

  /// Lets children be started again although too many have died, at once and without back-off.
  void resetBreaker();

  /// What each thread of a child is doing, as `jcmd PID Thread.print` prints it. Blocks until the
  /// child has answered, for some seconds at most.
  ///
  /// @param slot which child; in-process, 0
  /// @return the text
  /// @throws IOException if no child is in that slot, or it does not answer
  /// @throws InterruptedException if the waiting thread is interrupted
  String threadDump(int slot) throws IOException, InterruptedException;

  /// Adds a listener that hears everything from now on.
  ///
  /// @param listener called on a thread of the library
  void addListener(LifecycleListener listener);

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
