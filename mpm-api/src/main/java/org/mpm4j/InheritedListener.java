package org.mpm4j;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

/// A listening socket that a child has inherited and shares with its siblings. Each `open` method
/// makes another private copy of the descriptor (`F_DUPFD_CLOEXEC`); closing a copy stops nobody
/// else's accepting and leaves standard input, output and error alone. Any thread.
///
/// **Mode.** The socket is non-blocking, and has to stay so: `O_NONBLOCK` belongs to the open file
/// that all children share. A blocking accept of a [ServerSocketChannel], or of its
/// [ServerSocketChannel#socket()], works all the same: where nothing waits, the JDK polls. So does
/// a selector after `configureBlocking(false)`. What would change the mode for everybody is
/// `configureBlocking(true)` after `configureBlocking(false)`, and `setSoTimeout` on the socket: a
/// sibling's accept could block then. Each child looks about once a second, sets the mode back and
/// logs an error.
///
/// **Every wake-up is a race.** A connection may wake several children, of which one gets it. An
/// accept that finds nothing is normal.
///
/// **Lifetime.** The last copy must not be closed before the child drains: nobody would accept in
/// that child any more. One that does so is replaced, with an error in the log.
public interface InheritedListener {
  /// The address that the socket is bound to, with the real port where the configuration says 0.
  ///
  /// @return an [java.net.InetSocketAddress] or a [java.net.UnixDomainSocketAddress]
  SocketAddress address();

  /// Opens a channel of the JDK's own kind, TCP or Unix-domain: bound, in blocking mode as far as
  /// [ServerSocketChannel#isBlocking()] tells, good for accept and for a selector. Accepts no
  /// `bind`. The caller owns it and closes it.
  ///
  /// Unlike a channel that has bound a Unix-domain address itself, it leaves the path where it is;
  /// so must the caller, for the siblings.
  ///
  /// @return another channel each time
  /// @throws IOException if descriptors are exhausted
  ServerSocketChannel openChannel() throws IOException;

  /// Opens a descriptor for a server that takes a number, such as Netty's native epoll: 3 or more,
  /// close-on-exec. The caller owns it and closes it, once.
  ///
  /// @return another descriptor each time
  /// @throws IOException if descriptors are exhausted
  int openDescriptor() throws IOException;
}
