package org.mpm4j;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// Says why a server could not start. When it is thrown, nothing is left behind: no child, no
/// socket, no file.
public final class StartException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /// Describes a failed start.
  ///
  /// @param message the reason, in words for the operator; where a child failed while it opened the
  ///   application, with the stack trace that the child reported
  /// @param cause the cause in this JVM, or null
  public StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
