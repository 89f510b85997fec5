package org.mpm4j.impl.os;

import java.net.SocketAddress;

/// A name in Linux's abstract namespace of Unix-domain sockets, where no file stands for the socket
/// (unix(7)); [java.net.UnixDomainSocketAddress] cannot say it.
final class UnixAbstractAddress extends SocketAddress {
  private static final long serialVersionUID = 1;

  private final String name;

  /// @param name without the NUL that stands before it on the wire, or the `@` that does in text
  UnixAbstractAddress(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  @Override
  public String toString() {
    return "@" + name;
  }
}
