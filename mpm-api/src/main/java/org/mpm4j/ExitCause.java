package org.mpm4j;

/// Why a child ended.
public enum ExitCause {
  /// It was to end, and did so by itself.
  DRAINED("ended"),
  /// It died before it was ready.
  DIED_BEFORE_READY("died before it was ready"),
  /// It died while it served.
  DIED("died"),
  /// The supervisor ended it by force.
  KILLED("was killed");

  private final String words;

  ExitCause(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
