package org.mpm4j.impl.child;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// What only some connections have: whose application has asked for an address or set a timeout,
/// and whose client has no IPv4 address. The connection's owner only.
final class Particulars {
  @Nullable SocketAddress remoteAddress;
  @Nullable SocketAddress localAddress;

  /// The client in words; empty if that cannot be had, null if it has an IPv4 address.
  byte @Nullable [] client;

  /// What was set instead of `Timeout`, nanoseconds; 0 if nothing was.
  long timeout;
}
