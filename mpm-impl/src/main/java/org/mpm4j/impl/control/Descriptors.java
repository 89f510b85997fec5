package org.mpm4j.impl.control;

/// Which descriptor of a child is what: the supervisor makes them, the child uses them.
///
/// Until the child is ready, 1 and 2 lead to the supervisor, which so can tell the last words of a
/// child that fails. Then the child puts 5 and 6 in their place.
public final class Descriptors {
  /// `/dev/null`.
  public static final int INPUT = 0;

  /// Standard output.
  public static final int OUTPUT = 1;

  /// Standard error.
  public static final int ERROR = 2;

  /// The [ControlSocket].
  public static final int CONTROL = 3;

  /// The scoreboard's file.
  public static final int SCOREBOARD = 4;

  /// What becomes standard output when the child is ready.
  public static final int OUTPUT_WHEN_READY = 5;

  /// What becomes standard error when the child is ready.
  public static final int ERROR_WHEN_READY = 6;

  /// The first listening socket; the others follow.
  public static final int FIRST_LISTENER = 7;

  private Descriptors() {}
}
