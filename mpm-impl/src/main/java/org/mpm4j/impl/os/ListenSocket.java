package org.mpm4j.impl.os;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A listening stream socket, TCP or Unix-domain, that never blocks.
///
/// It owns its descriptor, unless the process was started with it; a Unix-domain socket that was
/// bound here also owns its path. Not for concurrent use, but any thread may accept from [#fd].
public final class ListenSocket implements AutoCloseable {
  // how long the kernel keeps a connection that has not sent its first byte from being accepted
  private static final int DEFER_ACCEPT_SECONDS = 30;
  private static final int FILE_TYPE = 0xf000; // S_IFMT, bits/stat.h
  private static final int SOCKET_FILE = 0xc000; // S_IFSOCK, bits/stat.h

  private static final InetAddress ANY_IPV4 = anyIpv4();

  private final Syscalls os;
  private final int fd;
  private final SocketAddress localAddress;
  private final @Nullable OwnedPath path;
  private final boolean ownsDescriptor;
  private boolean closed;

  private ListenSocket(
      Syscalls os,
      int fd,
      SocketAddress localAddress,
      @Nullable OwnedPath path,
      boolean ownsDescriptor) {
    this.os = os;
    this.fd = fd;
    this.localAddress = localAddress;
    this.path = path;
    this.ownsDescriptor = ownsDescriptor;
  }

  /// Binds and listens.
  ///
  /// A Unix-domain path at which nobody listens any more is taken over; one at which somebody does,
  /// or that is not a socket, is refused. An IPv6 socket takes IPv6 only, but the wildcard `[::]`
  /// takes IPv4 as well, and stands for `0.0.0.0` on a machine without IPv6.
  ///
  /// @param deferAccept whether a TCP connection is to be accepted only once it has sent something
  /// @param sendBufferSize in bytes, inherited by connections; 0 leaves it to the kernel
  /// @param receiveBufferSize in bytes, inherited by connections; 0 leaves it to the kernel
  /// @throws IOException with a message that names the address and the reason
  public static ListenSocket bind(
      Syscalls os,
      SocketAddress address,
      int backlog,
      boolean deferAccept,
      int sendBufferSize,
      int receiveBufferSize)
      throws IOException {
    refuseUnusable(address);
    int fd = os.socket(NativeAddress.domain(address));
    if (fd == -Errno.EAFNOSUPPORT && isWildcard(address)) {
      int port = ((InetSocketAddress) address).getPort();
      InetSocketAddress ipv4 = new InetSocketAddress(ANY_IPV4, port);
      return bind(os, ipv4, backlog, deferAccept, sendBufferSize, receiveBufferSize);
    } else if (fd < 0) {
      throw Errno.exception("could not create a socket for " + NativeAddress.describe(address), fd);
    }
    OwnedPath path = null;
    try {
      setOptions(os, fd, address, deferAccept, sendBufferSize, receiveBufferSize);
      bind(os, fd, address);
      path = OwnedPath.of(address);
      check(os.listen(fd, backlog), address);
      return new ListenSocket(os, fd, os.getsockname(fd), path, true);
    } catch (Throwable e) {
      os.close(fd);
      if (path != null) {
        path.delete();
      }
      throw e;
    }
  }

  /// Wraps a listening socket that this process inherited. Its options stay as they are, and its
  /// path, if it has one, belongs to the process that bound it.
  ///
  /// @throws IOException if the descriptor is not a listening socket
  public static ListenSocket inherited(Syscalls os, int fd) throws IOException {
    refuseNotListening(os, fd);
    return new ListenSocket(os, fd, os.getsockname(fd), null, true);
  }

  /// Wraps a listening stream socket that a service manager opened, and makes it what connections
  /// need: non-blocking, close-on-exec, and without delay. The descriptor stays open when this is
  /// closed, for whoever serves next in this process, and a path stays where it is.
  ///
  /// @throws IOException if the descriptor is not a listening stream socket
  static ListenSocket adopted(Syscalls os, int fd) throws IOException {
    refuseNotListening(os, fd);
    if (os.getsockopt(fd, Syscalls.SOL_SOCKET, Syscalls.SO_TYPE) != Syscalls.SOCK_STREAM) {
      throw new IOException("descriptor " + fd + " is not a stream socket");
    }
    SocketAddress address = os.getsockname(fd);
    check(os.setCloseOnExec(fd), address);
    check(os.setNonBlocking(fd, true), address);
    if (NativeAddress.domain(address) != Syscalls.AF_UNIX) {
      setOption(os, fd, address, Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY, 1);
    }
    return new ListenSocket(os, fd, address, null, false);
  }

  private static void refuseNotListening(Syscalls os, int fd) throws IOException {
    int listening = os.getsockopt(fd, Syscalls.SOL_SOCKET, Syscalls.SO_ACCEPTCONN);
    if (listening < 0) {
      throw Errno.exception("descriptor " + fd + " is not a listening socket", listening);
    }
    if (listening == 0) {
      throw new IOException("descriptor " + fd + " is not a listening socket");
    }
  }

  private static boolean isWildcard(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && inet.getAddress() instanceof Inet6Address wildcard
        && wildcard.isAnyLocalAddress();
  }

  private static InetAddress anyIpv4() {
    try {
      return InetAddress.getByAddress(new byte[4]);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // four bytes are an address
    }
  }

  private static void refuseUnusable(SocketAddress address) throws IOException {
    String failure = "could not bind to " + NativeAddress.describe(address) + ": ";
    switch (address) {
      case InetSocketAddress inet when inet.isUnresolved() ->
          throw new IOException(failure + "unknown host");
      case InetSocketAddress _ -> {}
      case UnixDomainSocketAddress unix -> {
        int length = NativeAddress.pathBytes(unix).length;
        if (length == 0) {
          throw new IOException(failure + "the path is empty");
        }
        if (length > NativeAddress.MAX_PATH_BYTES) {
          throw new IOException(
              failure
                  + "the path is "
                  + length
                  + " bytes long, a Unix-domain socket allows "
                  + NativeAddress.MAX_PATH_BYTES);
        }
      }
      default -> throw new IOException(failure + "neither a TCP nor a Unix-domain address");
    }
  }

  private static void setOptions(
      Syscalls os,
      int fd,
      SocketAddress address,
      boolean deferAccept,
      int sendBufferSize,
      int receiveBufferSize)
      throws IOException {
    check(os.setNonBlocking(fd, true), address);
    if (sendBufferSize > 0) {
      setOption(os, fd, address, Syscalls.SOL_SOCKET, Syscalls.SO_SNDBUF, sendBufferSize);
    }
    if (receiveBufferSize > 0) {
      setOption(os, fd, address, Syscalls.SOL_SOCKET, Syscalls.SO_RCVBUF, receiveBufferSize);
    }
    int domain = NativeAddress.domain(address);
    if (domain == Syscalls.AF_UNIX) {
      return;
    }
    // without it a restarted server waits for its old connections' TIME_WAIT
    setOption(os, fd, address, Syscalls.SOL_SOCKET, Syscalls.SO_REUSEADDR, 1);
    if (domain == Syscalls.AF_INET6) {
      // the wildcard takes IPv4 as well, whatever net.ipv6.bindv6only says
      int v6Only = isWildcard(address) ? 0 : 1;
      setOption(os, fd, address, Syscalls.IPPROTO_IPV6, Syscalls.IPV6_V6ONLY, v6Only);
    }
    // accepted sockets inherit it: set once, not per connection
    setOption(os, fd, address, Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY, 1);
    if (deferAccept) {
      int name = Syscalls.TCP_DEFER_ACCEPT;
      setOption(os, fd, address, Syscalls.IPPROTO_TCP, name, DEFER_ACCEPT_SECONDS);
    }
  }

  private static void setOption(
      Syscalls os, int fd, SocketAddress address, int level, int name, int value)
      throws IOException {
    check(os.setsockopt(fd, level, name, value), address);
  }

  private static void bind(Syscalls os, int fd, SocketAddress address) throws IOException {
    int result = os.bind(fd, address);
    if (result == -Errno.EADDRINUSE && address instanceof UnixDomainSocketAddress unix) {
      removeStale(os, unix);
      result = os.bind(fd, address);
    }
    if (result < 0) { // a type of its own, for those who try another address
      IOException reason = failure(result, address);
      throw (BindException) new BindException(reason.getMessage()).initCause(reason);
    }
  }

  // Two processes that start at the same moment can both find the path stale, and the slower then
  // removes what the faster has just bound: the kernel has no way to remove a path only if it is
  // stale.
  private static void removeStale(Syscalls os, UnixDomainSocketAddress address) throws IOException {
    String failure = "could not bind to " + NativeAddress.describe(address) + ": ";
    Path path = address.getPath();
    int mode;
    try {
      mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException _) {
      return; // gone meanwhile
    }
    if ((mode & FILE_TYPE) != SOCKET_FILE) {
      throw new IOException(failure + "the file there is not a socket");
    }
    int answer = knock(os, address);
    switch (answer) {
      case -Errno.ECONNREFUSED -> Files.deleteIfExists(path);
      case -Errno.ENOENT -> {} // gone meanwhile
      // EAGAIN: its queue is full; EPROTOTYPE: it is a socket of another type
      case 0, -Errno.EAGAIN, -Errno.EPROTOTYPE ->
          throw new IOException(failure + "another process is listening on it");
      default -> throw Errno.exception(failure + "somebody may be listening on it", answer);
    }
  }

  /// Tries to connect, without waiting.
  private static int knock(Syscalls os, SocketAddress address) {
    int probe = os.socket(Syscalls.AF_UNIX);
    if (probe < 0) {
      return probe;
    }
    int result = os.setNonBlocking(probe, true);
    if (result == 0) {
      result = os.connect(probe, address);
    }
    os.close(probe);
    return result;
  }

  private static void check(int result, SocketAddress address) throws IOException {
    if (result < 0) {
      throw failure(result, address);
    }
  }

  private static IOException failure(int result, SocketAddress address) {
    return Errno.exception("could not bind to " + NativeAddress.describe(address), result);
  }

  /// The descriptor; valid until [#close] if it is owned, and for good if not.
  public int fd() {
    return fd;
  }

  /// Where it listens: with the port that the kernel chose where 0 was asked for.
  public SocketAddress localAddress() {
    return localAddress;
  }

  /// Closes the descriptor if it is owned, and removes the Unix-domain path that was bound here if
  /// it still leads to this socket. Idempotent.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (path != null) {
      path.delete();
    }
    if (ownsDescriptor) {
      os.close(fd);
    }
  }

  @Override
  public String toString() {
    return NativeAddress.describe(localAddress);
  }

  /// A path, and the file it led to when it was bound.
  private record OwnedPath(Path path, @Nullable Object fileKey) {
    static @Nullable OwnedPath of(SocketAddress address) throws IOException {
      return address instanceof UnixDomainSocketAddress unix
          ? new OwnedPath(unix.getPath(), fileKeyOf(unix.getPath()))
          : null;
    }

    private static @Nullable Object fileKeyOf(Path path) throws IOException {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    }

    /// Best effort: a file that stays behind is taken over at the next start.
    void delete() {
      try {
        if (Objects.equals(fileKey, fileKeyOf(path))) {
          Files.delete(path);
        }
      } catch (IOException _) {
        // gone already, or its directory is not ours to write any more
      }
    }
  }
}
