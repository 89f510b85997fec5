package org.mpm4j.impl.scaling;

/// What to do about the number of children. `why` is half a sentence for the log, with the numbers.
public sealed interface Decision {
  /// Nothing.
  record Hold() implements Decision {}

  /// Start so many children.
  record Spawn(int children, String why) implements Decision {}

  /// Have the child accept no more; [Keep] or [Drain] follows.
  record Retire(int slot, String why) implements Decision {}

  /// Have the retiring child end when it has answered what it holds. It leaves the fleet.
  record Drain(int slot, String why) implements Decision {}

  /// Have the retiring child accept again.
  record Keep(int slot, String why) implements Decision {}

  /// Nothing can be done: more children are wanted and the limit forbids them. Decided once, and
  /// again only after the shortage had been over for a while.
  record LimitReached(String why) implements Decision {}
}
