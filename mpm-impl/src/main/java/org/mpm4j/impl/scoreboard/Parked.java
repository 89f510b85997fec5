package org.mpm4j.impl.scoreboard;

/// What a connection waits for while no worker runs it. All other connections are active.
public enum Parked {
  /// The rest of a request.
  READING(0),
  /// That the client takes its answer.
  WRITING(1),
  /// The next request.
  KEEP_ALIVE(2),
  /// The client's end of the stream.
  CLOSING(3),
  /// The application.
  SUSPENDED(4);

  /// Which of the words it is; also its place in [#values()].
  final int index;

  Parked(int index) {
    this.index = index;
  }
}
