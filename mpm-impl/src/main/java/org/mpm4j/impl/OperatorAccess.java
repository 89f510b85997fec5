package org.mpm4j.impl;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Mpm;
import org.mpm4j.MpmOptions;
import org.mpm4j.StartException;
import org.mpm4j.impl.operator.ControlServer;

/// How an operator reaches a server: signals and the control socket.
final class OperatorAccess implements AutoCloseable {
  private final SignalHandlers signals;

  // written once, before any other thread knows the server
  private @Nullable ControlServer control;

  private OperatorAccess(SignalHandlers signals) {
    this.signals = signals;
  }

  /// Takes the signals, so that none is lost while the server starts.
  ///
  /// @throws StartException if another server of this JVM has them
  static OperatorAccess prepare(MpmOptions options) throws StartException {
    return new OperatorAccess(SignalHandlers.install(options));
  }

  /// Opens the control socket, if there is to be one. The server may be starting still.
  ///
  /// @throws StartException if a live server has it, or it cannot be made
  void open(Mpm mpm, Optional<Path> controlSocket) throws StartException {
    if (controlSocket.isPresent()) {
      control = ControlServer.open(controlSocket.get(), mpm);
    }
  }

  /// The server has started. If a signal to stop it has come already, it is stopped when this
  /// returns.
  void started(Mpm mpm) {
    signals.started(mpm);
  }

  /// Closes everything, after the server has ended: whoever asked for that gets his answer.
  @Override
  public void close() {
    if (control != null) {
      control.close();
    }
    signals.close();
  }
}
