package org.mpm4j.examples.httpd;

import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Mpm;
import org.mpm4j.StopMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes over INT and TERM, so that the first of them stops the server gracefully and the second at
/// once, and so that its exit status is 0. With a shutdown hook the JVM would exit with 143, and a
/// second signal would find nobody listening.
///
/// `sun.misc.Signal` is supported API of the module jdk.unsupported, but javac warns of its package
/// and the warning cannot be switched off: hence reflection.
final class StopSignals {
  private static final Logger log = LoggerFactory.getLogger(StopSignals.class);

  // guarded by this
  private @Nullable Mpm mpm;
  private int caught;

  private StopSignals() {}

  /// Begins to listen. A signal that comes before the server has started is remembered.
  static StopSignals listen() {
    StopSignals signals = new StopSignals();
    signals.install();
    return signals;
  }

  /// Says what is to be stopped.
  ///
  /// @return false if a signal has come already: the server is then stopped
  boolean started(Mpm server) {
    synchronized (this) {
      mpm = server;
      if (caught == 0) {
        return true;
      }
    }
    server.stop(StopMode.GRACEFUL);
    return false;
  }

  /// Runs on a new thread for each signal.
  private void caught(String signal) {
    Mpm server;
    StopMode mode;
    synchronized (this) {
      caught++;
      server = mpm;
      mode = caught == 1 ? StopMode.GRACEFUL : StopMode.IMMEDIATE;
    }
    log.info("caught {}: {}", signal, mode == StopMode.GRACEFUL ? "stopping" : "stopping at once");
    if (server != null) {
      server.stop(mode);
    } else if (mode == StopMode.IMMEDIATE) {
      Runtime.getRuntime().halt(1); // it would not even start; its children end without it
    }
  }

  private void install() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      for (String name : new String[] {"INT", "TERM"}) {
        Object proxy =
            Proxy.newProxyInstance(
                StopSignals.class.getClassLoader(),
                new Class<?>[] {handler},
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "handle" -> {
                        caught("SIG" + name);
                        yield null;
                      }
                      case "hashCode" -> System.identityHashCode(self);
                      case "equals" -> false; // of no use to a table of signals
                      default -> "stop on SIG" + name;
                    });
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no sun.misc.Signal", e);
    }
  }
}
