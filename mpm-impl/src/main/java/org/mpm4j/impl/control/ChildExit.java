package org.mpm4j.impl.control;

/// The exit codes of a child; any other one is the application's or the JVM's.
public final class ChildExit {
  /// It has served out what it had.
  public static final int DONE = 0;

  /// It could not serve, and has said why ([ControlMessage.Failed]); or it was alone and did not
  /// end in time.
  public static final int FAILED = 1;

  /// It has served out all but requests that ran for longer than `RequestTerminateTimeout` and did
  /// not heed the interrupt; a [ControlMessage.ThreadDump] tells where. The code is `EX_SOFTWARE`
  /// of sysexits.h.
  public static final int STUCK = 70;

  private ChildExit() {}
}
