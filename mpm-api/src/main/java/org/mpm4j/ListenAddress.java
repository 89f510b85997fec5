package org.mpm4j;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The address of a `Listen` directive: how it is read, checked and written.
final class ListenAddress {
  static final String EXPECTATION =
      "a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path";

  private static final String UNIX = "unix:";

  /// `sun_path` of struct sockaddr_un has 108 bytes, the last one is 0.
  static final int LONGEST_UNIX_PATH = 107;

  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final Pattern DOTTED = Pattern.compile("[0-9.]+");
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%[\\w.-]+)?");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})");

  private ListenAddress() {}

  /// Finds the address of a host name.
  @FunctionalInterface
  interface Resolver {
    InetAddress resolve(String host) throws UnknownHostException;
  }

  /// Reads the argument of `Listen`. A port alone means all addresses of both families: `[::]`.
  ///
  /// @throws IllegalArgumentException if it is not an address
  static SocketAddress read(String text, Resolver resolver) {
    if (text.startsWith(UNIX)) {
      return unix(text);
    }
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      if (!PORT.matcher(text).matches()) {
        throw refusal(text, "has no port");
      }
      return new InetSocketAddress(address("::", text, resolver), port(text, text));
    }
    int port = port(text.substring(colon + 1), text);
    return new InetSocketAddress(host(text.substring(0, colon), text, resolver), port);
  }

  private static InetAddress host(String host, String text, Resolver resolver) {
    if (host.startsWith("[") && host.endsWith("]")) {
      String inner = host.substring(1, host.length() - 1);
      if (!IPV6.matcher(inner).matches()) {
        throw refusal(text, "has no IPv6 address in its brackets");
      }
      return address(inner, text, resolver);
    }
    if (host.equals("*")) {
      return address("::", text, resolver);
    }
    if (host.indexOf(':') >= 0) {
      throw refusal(text, "has an IPv6 address without brackets");
    }
    if (DOTTED.matcher(host).matches() && !IPV4.matcher(host).matches()) {
      throw refusal(text, "has no IPv4 address");
    }
    if (!HOST.matcher(host).matches()) {
      throw refusal(text, "has no host");
    }
    return address(host, text, resolver);
  }

  private static InetAddress address(String host, String text, Resolver resolver) {
    try {
      return resolver.resolve(host);
    } catch (UnknownHostException _) {
      throw refusal(text, "has an unknown host");
    }
  }

  private static int port(String digits, String text) {
    int port = PORT.matcher(digits).matches() ? Integer.parseInt(digits) : -1;
    if (port < 0 || port > 65_535) {
      throw refusal(text, "has no port from 0 to 65535");
    }
    return port;
  }

  private static SocketAddress unix(String text) {
    try {
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(text.substring(UNIX.length()));
      check(address);
      return address;
    } catch (InvalidPathException _) {
      throw refusal(text, "has no path");
    }
  }

  /// Checks an address that Java code gave.
  ///
  /// @throws IllegalArgumentException if no socket can listen to it
  static void check(SocketAddress address) {
    switch (address) {
      case InetSocketAddress inet -> {
        if (inet.isUnresolved()) {
          throw refusal(inet.toString(), "is not resolved");
        }
      }
      case UnixDomainSocketAddress unix -> {
        String path = unix.getPath().toString();
        int length = bytes(unix.getPath());
        Syntax.requireWritable(path);
        if (length == 0 || length > LONGEST_UNIX_PATH) {
          throw refusal(
              UNIX + path, "has a path of " + length + " bytes, not 1 to " + LONGEST_UNIX_PATH);
        }
      }
      default -> throw refusal(address.toString(), "is of an unknown kind");
    }
  }

  /// Whether a socket can have the name `path`.
  static boolean fits(Path path) {
    return bytes(path) <= LONGEST_UNIX_PATH;
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /// Whether the kernel chooses the port, so that the address may be used more than once.
  static boolean ephemeral(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getPort() == 0;
  }

  /// The argument that reads back as `address`.
  static String write(SocketAddress address) {
    return switch (address) {
      case InetSocketAddress inet -> {
        String host = inet.getAddress().getHostAddress();
        yield (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
      }
      case UnixDomainSocketAddress unix -> UNIX + unix.getPath();
      default -> address.toString();
    };
  }

  private static IllegalArgumentException refusal(String text, String what) {
    return new IllegalArgumentException(
        Syntax.shown(text) + " " + what + "; expected " + EXPECTATION);
  }
}
