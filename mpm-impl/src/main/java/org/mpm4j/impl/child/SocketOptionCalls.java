package org.mpm4j.impl.child;

import static java.net.StandardSocketOptions.IP_TOS;
import static java.net.StandardSocketOptions.SO_KEEPALIVE;
import static java.net.StandardSocketOptions.SO_LINGER;
import static java.net.StandardSocketOptions.SO_RCVBUF;
import static java.net.StandardSocketOptions.SO_REUSEADDR;
import static java.net.StandardSocketOptions.SO_REUSEPORT;
import static java.net.StandardSocketOptions.SO_SNDBUF;
import static java.net.StandardSocketOptions.TCP_NODELAY;
import static jdk.net.ExtendedSocketOptions.SO_INCOMING_NAPI_ID;
import static jdk.net.ExtendedSocketOptions.TCP_KEEPCOUNT;
import static jdk.net.ExtendedSocketOptions.TCP_KEEPIDLE;
import static jdk.net.ExtendedSocketOptions.TCP_KEEPINTERVAL;
import static jdk.net.ExtendedSocketOptions.TCP_QUICKACK;

import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Syscalls;

/// The options of a connection's socket: the JDK's names and values on one side, the kernel's on
/// the other. Any thread that may use the descriptor.
final class SocketOptionCalls {
  /// Where the kernel has it.
  private record Place(int level, int name) {}

  // IP_TOS and SO_LINGER are not alone in their places
  private static final Map<SocketOption<?>, Place> PLACES =
      Map.ofEntries(
          Map.entry(SO_RCVBUF, new Place(Syscalls.SOL_SOCKET, Syscalls.SO_RCVBUF)),
          Map.entry(SO_SNDBUF, new Place(Syscalls.SOL_SOCKET, Syscalls.SO_SNDBUF)),
          Map.entry(SO_KEEPALIVE, new Place(Syscalls.SOL_SOCKET, Syscalls.SO_KEEPALIVE)),
          Map.entry(SO_REUSEADDR, new Place(Syscalls.SOL_SOCKET, Syscalls.SO_REUSEADDR)),
          Map.entry(SO_REUSEPORT, new Place(Syscalls.SOL_SOCKET, Syscalls.SO_REUSEPORT)),
          Map.entry(
              SO_INCOMING_NAPI_ID, new Place(Syscalls.SOL_SOCKET, Syscalls.SO_INCOMING_NAPI_ID)),
          Map.entry(TCP_NODELAY, new Place(Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY)),
          Map.entry(TCP_KEEPIDLE, new Place(Syscalls.IPPROTO_TCP, Syscalls.TCP_KEEPIDLE)),
          Map.entry(TCP_KEEPINTERVAL, new Place(Syscalls.IPPROTO_TCP, Syscalls.TCP_KEEPINTVL)),
          Map.entry(TCP_KEEPCOUNT, new Place(Syscalls.IPPROTO_TCP, Syscalls.TCP_KEEPCNT)),
          Map.entry(TCP_QUICKACK, new Place(Syscalls.IPPROTO_TCP, Syscalls.TCP_QUICKACK)));

  // what a TCP socket of the JDK supports
  private static final Set<SocketOption<?>> TCP =
      Set.of(
          SO_RCVBUF,
          SO_SNDBUF,
          SO_KEEPALIVE,
          SO_REUSEADDR,
          SO_REUSEPORT,
          SO_LINGER,
          SO_INCOMING_NAPI_ID,
          IP_TOS,
          TCP_NODELAY,
          TCP_KEEPIDLE,
          TCP_KEEPINTERVAL,
          TCP_KEEPCOUNT,
          TCP_QUICKACK);

  private static final Set<SocketOption<?>> UNIX =
      Set.of(SO_RCVBUF, SO_SNDBUF, SO_KEEPALIVE, SO_REUSEADDR, SO_LINGER, IP_TOS, TCP_NODELAY);

  // socket(7): the JDK sets no less
  private static final int LEAST_BUFFER = 1024;
  private static final int LONGEST_LINGER = 65_535;

  private final Syscalls os;
  private final int fd;
  private final int domain;

  // what Unix-domain sockets do not have, for code that knows only TCP
  private final Map<SocketOption<?>, Object> remembered = new ConcurrentHashMap<>();

  // nobody else sets it
  private volatile int linger = -1;

  private SocketOptionCalls(Syscalls os, int fd, int domain) {
    this.os = os;
    this.fd = fd;
    this.domain = domain;
    if (domain == Syscalls.AF_UNIX) {
      remembered.put(TCP_NODELAY, false);
      remembered.put(IP_TOS, 0);
    }
  }

  static SocketOptionCalls of(Syscalls os, int fd) throws SocketException {
    int domain = os.getsockopt(fd, Syscalls.SOL_SOCKET, Syscalls.SO_DOMAIN);
    return new SocketOptionCalls(os, fd, checked("SO_DOMAIN", domain));
  }

  Set<SocketOption<?>> supported() {
    return domain == Syscalls.AF_UNIX ? UNIX : TCP;
  }

  /// Seconds, -1 if the option is off.
  int linger() {
    return linger;
  }

  void setLinger(int seconds) {
    linger = seconds;
    os.setLinger(fd, seconds);
  }

  /// Refuses what is not supported.
  void check(SocketOption<?> option) {
    if (!supported().contains(option)) {
      throw new UnsupportedOperationException("'" + option + "' not supported");
    }
  }

  /// Refuses a value that the option cannot have.
  void check(SocketOption<?> option, Object value) {
    check(option);
    boolean buffer = isBuffer(option);
    if (!option.type().isInstance(value)
        || (buffer && (Integer) value < 0)
        || (option.equals(IP_TOS) && ((Integer) value < 0 || (Integer) value > 255))) {
      throw new IllegalArgumentException("Invalid value '" + value + "' of " + option);
    }
  }

  // ---- by SocketOption ----

  void set(SocketOption<?> option, Object value) throws SocketException {
    if (remembered.containsKey(option)) {
      remembered.put(option, value);
    } else if (option.equals(IP_TOS)) {
      setTrafficClass((Integer) value);
    } else if (option.equals(SO_LINGER)) {
      int seconds = Math.clamp((Integer) value, -1, LONGEST_LINGER);
      checked("SO_LINGER", os.setLinger(fd, seconds));
      linger = seconds;
    } else if (option.equals(SO_INCOMING_NAPI_ID)) {
      throw new SocketException("Read-only socket option");
    } else {
      int number = value instanceof Boolean on ? (on ? 1 : 0) : (Integer) value;
      if (isBuffer(option)) {
        number = Math.max(number, LEAST_BUFFER);
      }
      Place place = place(option);
      checked(option.name(), os.setsockopt(fd, place.level, place.name, number));
    }
  }

  Object get(SocketOption<?> option) throws SocketException {
    Object value = remembered.get(option);
    if (value != null) {
      return value;
    } else if (option.equals(IP_TOS)) {
      return domain == Syscalls.AF_INET6
          ? number("IPV6_TCLASS", Syscalls.IPPROTO_IPV6, Syscalls.IPV6_TCLASS)
          : number("IP_TOS", Syscalls.IPPROTO_IP, Syscalls.IP_TOS);
    } else if (option.equals(SO_LINGER)) {
      return linger;
    }
    Place place = place(option);
    int number = number(option.name(), place.level, place.name);
    if (isBuffer(option)) {
      return number / 2; // the kernel doubles what is set, for its own needs (socket(7))
    }
    return option.type() == Boolean.class ? (Object) (number != 0) : (Object) number;
  }

  private void setTrafficClass(int value) throws SocketException {
    if (domain == Syscalls.AF_INET6) {
      int level = Syscalls.IPPROTO_IPV6;
      checked("IPV6_TCLASS", os.setsockopt(fd, level, Syscalls.IPV6_TCLASS, value));
    }
    // also where the family is IPv6: the client may be mapped from IPv4
    checked("IP_TOS", os.setsockopt(fd, Syscalls.IPPROTO_IP, Syscalls.IP_TOS, value));
  }

  private static boolean isBuffer(SocketOption<?> option) {
    return option.equals(SO_RCVBUF) || option.equals(SO_SNDBUF);
  }

  private static Place place(SocketOption<?> option) {
    return Objects.requireNonNull(PLACES.get(option), option.name());
  }

  // ---- by the numbers of java.net.SocketOptions ----

  void set(int id, Object value) throws SocketException {
    if (id == SocketOptions.SO_OOBINLINE) {
      int on = (Boolean) value ? 1 : 0;
      int result = os.setsockopt(fd, Syscalls.SOL_SOCKET, Syscalls.SO_OOBINLINE, on);
      checked("SO_OOBINLINE", result);
    } else if (id == SocketOptions.SO_LINGER && value instanceof Boolean) { // false: off
      set(SO_LINGER, -1);
    } else {
      set(named(id), value);
    }
  }

  Object get(int id) throws SocketException {
    if (id == SocketOptions.SO_OOBINLINE) {
      return number("SO_OOBINLINE", Syscalls.SOL_SOCKET, Syscalls.SO_OOBINLINE) != 0;
    } else if (id == SocketOptions.SO_LINGER) {
      int seconds = linger;
      return seconds < 0 ? (Object) false : (Object) seconds;
    }
    return get(named(id));
  }

  private static SocketOption<?> named(int id) throws SocketException {
    return switch (id) {
      case SocketOptions.TCP_NODELAY -> TCP_NODELAY;
      case SocketOptions.IP_TOS -> IP_TOS;
      case SocketOptions.SO_LINGER -> SO_LINGER;
      case SocketOptions.SO_RCVBUF -> SO_RCVBUF;
      case SocketOptions.SO_SNDBUF -> SO_SNDBUF;
      case SocketOptions.SO_KEEPALIVE -> SO_KEEPALIVE;
      case SocketOptions.SO_REUSEADDR -> SO_REUSEADDR;
      case SocketOptions.SO_REUSEPORT -> SO_REUSEPORT;
      default -> throw new SocketException("Unknown option " + id);
    };
  }

  // ---- the kernel ----

  private int number(String what, int level, int name) throws SocketException {
    return checked(what, os.getsockopt(fd, level, name));
  }

  private static int checked(String what, int result) throws SocketException {
    if (result < 0) {
      throw new SocketException(what + ": " + Errno.message(result));
    }
    return result;
  }
}
