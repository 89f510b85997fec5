package org.mpm4j.ctl;

import java.io.IOException;
import java.io.Serial;

/// Nobody listens at a control socket.
public final class NotRunningException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /// Names where nobody listens.
  ///
  /// @param message in words for the operator
  public NotRunningException(String message) {
    super(message);
  }
}
