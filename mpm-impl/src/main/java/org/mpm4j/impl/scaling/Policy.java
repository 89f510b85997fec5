package org.mpm4j.impl.scaling;

/// What decides the number of children.
public enum Policy {
  /// The idle workers: they are kept between the spare minimum and maximum.
  DYNAMIC,

  /// Nothing: there are always as many as the limit allows.
  STATIC,

  /// The clients: there is no child until one waits, and an idle child is ended after a time.
  ONDEMAND
}
