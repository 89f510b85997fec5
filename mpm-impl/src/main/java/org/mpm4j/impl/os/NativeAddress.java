package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Translates socket addresses to and from `struct sockaddr`, and into words.
final class NativeAddress {
  /*
   *   offset             0        2        4            8            24
   *   sockaddr_in        | family | port   | address    |                        netinet/in.h
   *   sockaddr_in6       | family | port   | flow info  | address    | scope id  netinet/in.h
   *   sockaddr_un        | family | path, NUL-terminated, 108 bytes              sys/un.h
   *
   * Ports and addresses are big-endian, the rest is in the machine's order.
   */
  private static final ValueLayout.OfShort PORT_LAYOUT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt ADDRESS4_LAYOUT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long PORT = CallMemory.ADDRESS + 2;
  private static final long ADDRESS4 = CallMemory.ADDRESS + 4;
  private static final long FLOW_INFO = CallMemory.ADDRESS + 4;
  private static final long ADDRESS6 = CallMemory.ADDRESS + 8;
  private static final long SCOPE = CallMemory.ADDRESS + 24;
  private static final long PATH = CallMemory.ADDRESS + 2;
  private static final int SIZE4 = 16;
  private static final int SIZE6 = 28;
  private static final int FAMILY_SIZE = 2;
  static final int MAX_PATH_BYTES = 107;

  private NativeAddress() {}

  /// The `AF_` constant of an address, or `-EAFNOSUPPORT`.
  static int domain(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress _, UnixAbstractAddress _ -> Syscalls.AF_UNIX;
      case InetSocketAddress inet when inet.getAddress() instanceof Inet6Address ->
          Syscalls.AF_INET6;
      case InetSocketAddress _ -> Syscalls.AF_INET;
      default -> -Errno.EAFNOSUPPORT;
    };
  }

  /// Writes an address into the calling thread's memory.
  ///
  /// @return its length, or a negated errno
  static int write(CallMemory memory, SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress unix -> writePath(memory.all(), unix);
      case UnixAbstractAddress unix -> writeAbstract(memory.all(), unix);
      case InetSocketAddress inet -> writeInet(memory.all(), inet);
      default -> -Errno.EAFNOSUPPORT;
    };
  }

  private static int writePath(MemorySegment memory, UnixDomainSocketAddress address) {
    byte[] path = pathBytes(address);
    if (path.length > MAX_PATH_BYTES) {
      return -Errno.ENAMETOOLONG;
    }
    memory.set(ValueLayout.JAVA_SHORT, CallMemory.ADDRESS, (short) Syscalls.AF_UNIX);
    MemorySegment.copy(path, 0, memory, ValueLayout.JAVA_BYTE, PATH, path.length);
    memory.set(ValueLayout.JAVA_BYTE, PATH + path.length, (byte) 0);
    // an empty path with no NUL counted is the kernel's "unnamed"
    return path.length == 0 ? FAMILY_SIZE : FAMILY_SIZE + path.length + 1;
  }

  private static int writeAbstract(MemorySegment memory, UnixAbstractAddress address) {
    byte[] name = address.name().getBytes(StandardCharsets.UTF_8);
    if (name.length > MAX_PATH_BYTES) {
      return -Errno.ENAMETOOLONG;
    }
    memory.set(ValueLayout.JAVA_SHORT, CallMemory.ADDRESS, (short) Syscalls.AF_UNIX);
    memory.set(ValueLayout.JAVA_BYTE, PATH, (byte) 0);
    MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, PATH + 1, name.length);
    return FAMILY_SIZE + 1 + name.length; // no NUL at the end: it would belong to the name
  }

  /// A Unix-domain address's path as the kernel sees it.
  static byte[] pathBytes(UnixDomainSocketAddress address) {
    return address.getPath().toString().getBytes(StandardCharsets.UTF_8);
  }

  private static int writeInet(MemorySegment memory, InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      return -Errno.EADDRNOTAVAIL;
    }
    memory.set(PORT_LAYOUT, PORT, (short) address.getPort());
    byte[] bytes = ip.getAddress();
    if (ip instanceof Inet4Address) {
      memory.set(ValueLayout.JAVA_SHORT, CallMemory.ADDRESS, (short) Syscalls.AF_INET);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, ADDRESS4, bytes.length);
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, ADDRESS4 + bytes.length, 0); // sin_zero
      return SIZE4;
    }
    memory.set(ValueLayout.JAVA_SHORT, CallMemory.ADDRESS, (short) Syscalls.AF_INET6);
    memory.set(ValueLayout.JAVA_INT, FLOW_INFO, 0);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, ADDRESS6, bytes.length);
    int scope = ip instanceof Inet6Address v6 ? v6.getScopeId() : 0;
    memory.set(ValueLayout.JAVA_INT, SCOPE, scope);
    return SIZE6;
  }

  /// Reads the address that a call left in the calling thread's memory.
  static SocketAddress read(CallMemory callMemory) throws IOException {
    MemorySegment memory = callMemory.all();
    int family = memory.get(ValueLayout.JAVA_SHORT, CallMemory.ADDRESS);
    return switch (family) {
      case Syscalls.AF_UNIX -> readPath(memory);
      case Syscalls.AF_INET -> new InetSocketAddress(readIp(memory, ADDRESS4, 4), readPort(memory));
      case Syscalls.AF_INET6 -> new InetSocketAddress(readIp6(memory), readPort(memory));
      default ->
          throw new IOException("a socket of address family " + family + " is not supported");
    };
  }

  /// Reads an address that a call left in the calling thread's memory, if it is IPv4.
  ///
  /// @return the address above 16 bits of port, or `-EAFNOSUPPORT`
  static long readIpv4(CallMemory callMemory) {
    MemorySegment memory = callMemory.all();
    int family = memory.get(ValueLayout.JAVA_SHORT, CallMemory.ADDRESS);
    boolean mapped = family == Syscalls.AF_INET6 && isIpv4Mapped(memory);
    if (family != Syscalls.AF_INET && !mapped) {
      return -Errno.EAFNOSUPPORT;
    }
    int ip = memory.get(ADDRESS4_LAYOUT, mapped ? ADDRESS6 + 12 : ADDRESS4);
    return Integer.toUnsignedLong(ip) << Short.SIZE | readPort(memory);
  }

  /// Whether it begins with ten bytes of 0 and two of 0xff.
  private static boolean isIpv4Mapped(MemorySegment memory) {
    return memory.get(ValueLayout.JAVA_LONG, ADDRESS6) == 0
        && memory.get(ADDRESS4_LAYOUT, ADDRESS6 + 8) == 0xffff;
  }

  private static int readPort(MemorySegment memory) {
    return Short.toUnsignedInt(memory.get(PORT_LAYOUT, PORT));
  }

  private static InetAddress readIp(MemorySegment memory, long offset, int length)
      throws IOException {
    byte[] bytes = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    return InetAddress.getByAddress(bytes);
  }

  private static InetAddress readIp6(MemorySegment memory) throws IOException {
    InetAddress ip = readIp(memory, ADDRESS6, 16);
    int scope = memory.get(ValueLayout.JAVA_INT, SCOPE);
    return scope == 0 || ip instanceof Inet4Address
        ? ip
        : Inet6Address.getByAddress(null, ip.getAddress(), scope);
  }

  private static SocketAddress readPath(MemorySegment memory) {
    int length = memory.get(ValueLayout.JAVA_INT, CallMemory.ADDRESS_LENGTH) - FAMILY_SIZE;
    // unnamed: nothing follows the family; abstract: a NUL does. The path's own NUL is counted.
    if (length <= 0 || memory.get(ValueLayout.JAVA_BYTE, PATH) == 0) {
      return UnixDomainSocketAddress.of("");
    }
    byte[] path = memory.asSlice(PATH, length).toArray(ValueLayout.JAVA_BYTE);
    int end = path[length - 1] == 0 ? length - 1 : length;
    return UnixDomainSocketAddress.of(new String(path, 0, end, StandardCharsets.UTF_8));
  }

  /// An address as people write it: `127.0.0.1:80`, `[::1]:80` (in full), a path.
  static String describe(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return address.toString();
    }
    InetAddress ip = inet.getAddress();
    String host = ip == null ? inet.getHostString() : ip.getHostAddress();
    return (ip instanceof Inet6Address ? "[" + host + "]" : host) + ":" + inet.getPort();
  }
}
