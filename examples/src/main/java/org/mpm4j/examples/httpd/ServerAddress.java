package org.mpm4j.examples.httpd;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How the addresses of a running server are shown.
final class ServerAddress {
  private static final Pattern ZEROS = Pattern.compile("(?:^|:)0(?::0)+(?:$|:)");

  private ServerAddress() {}

  /// `http://127.0.0.1:8080/`, `http://[::1]:8080/`, or `unix:/path`.
  static String show(SocketAddress address) {
    return switch (address) {
      case InetSocketAddress inet ->
          "http://" + host(inet.getAddress()) + ":" + inet.getPort() + "/";
      case UnixDomainSocketAddress unix -> "unix:" + unix.getPath();
      default -> address.toString();
    };
  }

  private static String host(InetAddress address) {
    String digits = address.getHostAddress();
    return address instanceof Inet6Address ? "[" + compressed(digits) + "]" : digits;
  }

  /// Writes the longest run of zeros as `::`.
  private static String compressed(String address) {
    String longest = "";
    Matcher zeros = ZEROS.matcher(address);
    while (zeros.find()) {
      if (zeros.group().length() > longest.length()) {
        longest = zeros.group();
      }
    }
    if (longest.isEmpty()) {
      return address;
    }
    int start = address.indexOf(longest);
    return address.substring(0, start) + "::" + address.substring(start + longest.length());
  }
}
