package org.mpm4j.impl.child;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;

/// How the status names a client.
final class ClientName {
  private ClientName() {}

  /// `192.0.2.1:40000`, `[2001:db8::1]:40000`, `unix` or `unix:PATH`, in ASCII.
  static byte[] of(SocketAddress address) {
    String name =
        switch (address) {
          case InetSocketAddress inet when inet.isUnresolved() ->
              inet.getHostString() + ":" + inet.getPort();
          case InetSocketAddress inet -> {
            String host = inet.getAddress().getHostAddress();
            boolean v6 = inet.getAddress() instanceof Inet6Address;
            yield (v6 ? "[" + host + "]" : host) + ":" + inet.getPort();
          }
          case UnixDomainSocketAddress unix -> {
            String path = unix.getPath().toString();
            yield path.isEmpty() ? "unix" : "unix:" + path;
          }
          default -> address.toString();
        };
    return name.getBytes(StandardCharsets.US_ASCII);
  }
}
