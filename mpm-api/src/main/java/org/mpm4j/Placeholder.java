package org.mpm4j;

/// Stands in until this module has its first class.
public final class Placeholder {
  private Placeholder() {}
}
