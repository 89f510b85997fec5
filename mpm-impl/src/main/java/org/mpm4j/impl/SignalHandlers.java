package org.mpm4j.impl;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Mpm;
import org.mpm4j.MpmOptions;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;
import org.mpm4j.StopMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What signals mean to a server: TERM and INT stop it gracefully and the second of them at once,
/// WINCH stops it gracefully, HUP and USR1 reload it.
///
/// With a shutdown hook instead, the JVM would exit with 143, and a second signal would find nobody
/// listening.
final class SignalHandlers implements AutoCloseable {
  /*
   * Overview: the JVM calls each handler on a new thread, which may therefore stop or reload and wait.
   * A signal that comes before there is a server is counted, and acted on when there is one. Reloads
   * are coalesced: however many signals come during one, one more follows.
   *
   * `sun.misc.Signal` is supported API of the module jdk.unsupported, but javac warns of its package
   * and the warning cannot be switched off: hence reflection.
   *
   * Shutdown: signals belong to the whole JVM, so only one server at a time may have them; close()
   * gives them back to whoever had them before.
   */

  private static final Logger log = LoggerFactory.getLogger(SignalHandlers.class);
  private static final AtomicBoolean taken = new AtomicBoolean();

  /// The field of proc_pid_stat(5), counted from the end of the name: the controlling terminal.
  private static final int TTY_NR = 5;

  private final Map<String, Object> previous = new LinkedHashMap<>();
  private final Runnable exit;

  // guarded by this
  private boolean installed;
  private @Nullable Mpm mpm;
  private int stops;
  private boolean drain;
  private boolean reload;
  private boolean reloading;

  /// @param exit ends the JVM although no server is there to be stopped
  SignalHandlers(Runnable exit) {
    this.exit = exit;
  }

  /// Begins to listen, if `options` ask for it.
  ///
  /// @return handlers of all signals or of none
  /// @throws StartException if another server of this JVM does
  static SignalHandlers install(MpmOptions options) throws StartException {
    // it would not even start; its children end without it
    SignalHandlers handlers = new SignalHandlers(() -> Runtime.getRuntime().halt(1));
    if (!options.signals()) {
      return handlers;
    }
    if (!taken.compareAndSet(false, true)) {
      throw new StartException("signals are handled for another server in this JVM", null);
    }
    handlers.installed = true;
    for (String name : new String[] {"TERM", "INT", "WINCH", "HUP", "USR1"}) {
      handlers.take(name);
    }
    return handlers;
  }

  /// The server has started. Where a signal to stop it has come already, it is stopped when this
  /// returns; where one to reload it has, it reloads soon.
  void started(Mpm server) {
    boolean stop;
    boolean again;
    synchronized (this) {
      mpm = server;
      stop = stops > 0 || drain;
      again = !stop && reload;
      reloading = again;
      reload = false;
    }
    if (stop) {
      server.stop(StopMode.GRACEFUL);
    } else if (again) {
      var _ =
          Thread.ofPlatform().daemon().name("mpm4j-reload").start(() -> reloadWhileAsked(server));
    }
  }

  /// Runs on a new thread for each signal.
  void caught(String signal) {
    switch (signal) {
      case "TERM", "INT" -> stop(signal);
      case "WINCH" -> drain();
      default -> reload(signal);
    }
  }

  private void stop(String signal) {
    Mpm server;
    StopMode mode;
    synchronized (this) {
      stops++;
      server = mpm;
      mode = stops == 1 ? StopMode.GRACEFUL : StopMode.IMMEDIATE;
    }
    log.info(
        "caught SIG{}: {}", signal, mode == StopMode.GRACEFUL ? "stopping" : "stopping at once");
    if (server != null) {
      server.stop(mode);
    } else if (mode == StopMode.IMMEDIATE) {
      exit.run();
    }
  }

  /// A terminal sends WINCH to the server in it whenever its window changes its size.
  private void drain() {
    if (hasTerminal()) {
      log.debug("caught SIGWINCH: ignored, it comes from the terminal");
      return;
    }
    log.info("caught SIGWINCH: stopping gracefully");
    Mpm server;
    synchronized (this) {
      drain = true;
      server = mpm;
    }
    if (server != null) {
      server.stop(StopMode.GRACEFUL);
    }
  }

  private void reload(String signal) {
    Mpm server;
    synchronized (this) {
      server = mpm;
      if (server == null || reloading) {
        reload = true;
        log.info("caught SIG{}: reloading later", signal);
        return;
      }
      reloading = true;
    }
    log.info("caught SIG{}: reloading", signal);
    reloadWhileAsked(server);
  }

  private void reloadWhileAsked(Mpm server) {
    boolean again = true;
    while (again) {
      reload(server);
      synchronized (this) {
        again = reload;
        reload = false;
        reloading = again;
      }
    }
  }

  private static void reload(Mpm server) {
    try {
      ReloadVerdict verdict = server.reload();
      log.debug("reload on a signal: {}", verdict);
    } catch (UnsupportedOperationException e) {
      log.warn("cannot reload: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("reload failed", e);
    }
  }

  private static boolean hasTerminal() {
    try {
      return hasTerminal(Files.readString(Path.of("/proc/self/stat")));
    } catch (IOException e) {
      log.debug("cannot tell whether there is a terminal", e);
      return false;
    }
  }

  /// Whether a process has a controlling terminal.
  ///
  /// @param stat its line of proc_pid_stat(5), in which the name may have blanks
  static boolean hasTerminal(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    return fields.length >= TTY_NR && !fields[TTY_NR - 1].equals("0");
  }

  private void take(String name) {
    try {
      previous.put(name, Signal.handle(name, Signal.handler(() -> caught(name))));
    } catch (InvocationTargetException e) {
      log.warn("SIG{} is not handled: {}", name, String.valueOf(e.getCause()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no sun.misc.Signal", e);
    }
  }

  /// Gives the signals back. The server must have stopped. Idempotent.
  @Override
  public synchronized void close() {
    if (!installed) {
      return;
    }
    installed = false;
    previous.forEach((name, handler) -> {
      try {
        var _ = Signal.handle(name, handler);
      } catch (ReflectiveOperationException e) {
        log.warn("SIG{} cannot be given back", name, e);
      }
    });
    previous.clear();
    taken.set(false);
  }

  /// `sun.misc.Signal`, by reflection.
  private static final class Signal {
    private Signal() {}

    /// @return the handler before
    static Object handle(String name, Object handler) throws ReflectiveOperationException {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Constructor<?> constructor = signal.getConstructor(String.class);
      Method handle = signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"));
      return handle.invoke(null, constructor.newInstance(name), handler);
    }

    static Object handler(Runnable action) throws ClassNotFoundException {
      return Proxy.newProxyInstance(
          SignalHandlers.class.getClassLoader(),
          new Class<?>[] {Class.forName("sun.misc.SignalHandler")},
          (self, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> false; // of no use to a table of signals
                default -> "mpm4j";
              });
    }
  }
}
