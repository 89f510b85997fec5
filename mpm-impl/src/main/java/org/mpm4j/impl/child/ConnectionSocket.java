package org.mpm4j.impl.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// A connection as a [Socket]. What makes it one is in [ConnectionSocketImpl].
final class ConnectionSocket extends Socket {
  private final ConnectionSocketImpl impl;

  private ConnectionSocket(ConnectionSocketImpl impl, InetSocketAddress remote) throws IOException {
    super(impl);
    this.impl = impl;
    super.connect(remote, 0); // changes the state of this object and nothing else
  }

  /// Makes the socket of a connection, which no other has; to be ended by [#end()].
  ///
  /// @param lent of the worker that serves the connection; not used after the end
  /// @param timeout what reads and writes wait for at first, nanoseconds
  /// @throws IOException if there is no descriptor left
  static ConnectionSocket open(
      Service service,
      int fd,
      WorkerBuffers lent,
      SocketAddress remote,
      SocketAddress local,
      long timeout)
      throws IOException {
    SocketOptionCalls options = SocketOptionCalls.of(service.os, fd);
    Interruption wake = Interruption.open(service.os);
    try {
      ConnectionSocketImpl impl =
          new ConnectionSocketImpl(service, fd, lent, options, wake, inet(local), timeout);
      return new ConnectionSocket(impl, inet(remote));
    } catch (Throwable e) {
      wake.close();
      throw e;
    }
  }

  /// The address as a socket can tell it.
  private static InetSocketAddress inet(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? inet
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  // ---- the owner of the connection ----

  /// Takes the connection back: when this returns no thread uses the descriptor, and none will.
  /// Idempotent.
  ///
  /// @return whether the socket was still open
  boolean end() {
    boolean open = impl.end();
    try {
      close(); // says so to whoever still has it
    } catch (IOException e) {
      throw new UncheckedIOException(e); // impl.close() does nothing any more
    }
    return open;
  }

  /// How many bytes the kernel has taken since the last call; after the end.
  long takeSent() {
    return impl.takeSent();
  }

  // ---- any thread ----

  /// What made the last use fail, if the connection did.
  @Nullable IOException loss() {
    return impl.loss();
  }

  /// Ends all uses with an exception, now and later. Never blocks.
  void cutOff() {
    impl.cutOff();
  }
}
