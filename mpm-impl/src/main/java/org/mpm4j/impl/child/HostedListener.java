package org.mpm4j.impl.child;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.mpm4j.InheritedListener;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.ListenerChannels;
import org.mpm4j.impl.os.Syscalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket of a hosted server, which remembers the copies that it has given away. Any
/// thread.
final class HostedListener implements InheritedListener {
  private static final Logger log = LoggerFactory.getLogger(HostedListener.class);

  // 0, 1 and 2 are the standard streams
  private static final int LEAST_DESCRIPTOR = 3;

  private final Syscalls os;
  private final int fd;
  private final SocketAddress address;

  // guarded by this; those that were seen closed are forgotten
  private final List<ServerSocketChannel> channels = new ArrayList<>();
  private final List<Integer> descriptors = new ArrayList<>();
  private boolean everOpened;

  /// @param fd stays open as long as this is used
  HostedListener(Syscalls os, int fd, SocketAddress address) {
    this.os = os;
    this.fd = fd;
    this.address = address;
  }

  @Override
  public SocketAddress address() {
    return address;
  }

  @Override
  public synchronized ServerSocketChannel openChannel() throws IOException {
    ServerSocketChannel channel = ListenerChannels.open(os, copy(), address);
    channels.add(channel);
    return channel;
  }

  @Override
  public synchronized int openDescriptor() throws IOException {
    int copy = copy();
    descriptors.add(copy);
    return copy;
  }

  private int copy() throws IOException {
    int copy = os.fcntlDupFd(fd, LEAST_DESCRIPTOR);
    if (copy < 0) {
      throw Errno.exception("could not open another descriptor of " + this, copy);
    }
    everOpened = true;
    return copy;
  }

  int fd() {
    return fd;
  }

  synchronized boolean everOpened() {
    return everOpened;
  }

  /// Whether a copy that was given away is still open.
  synchronized boolean open() {
    channels.removeIf(channel -> !channel.isOpen());
    descriptors.removeIf(copy -> !isCopy(copy));
    return !channels.isEmpty() || !descriptors.isEmpty();
  }

  /// A number may have been given to another file after it was closed.
  private boolean isCopy(int descriptor) {
    try {
      return os.getsockopt(descriptor, Syscalls.SOL_SOCKET, Syscalls.SO_ACCEPTCONN) == 1
          && address.equals(os.getsockname(descriptor));
    } catch (IOException _) {
      return false;
    }
  }

  /// Makes the socket non-blocking again, if somebody has changed that.
  ///
  /// @return whether somebody had
  boolean restoreMode() {
    return os.nonBlocking(fd) == 0 && os.setNonBlocking(fd, true) == 0;
  }

  /// Closes the channels that the server has left open; descriptors are numbers, and may be
  /// anybody's by now.
  synchronized void closeChannels() {
    for (ServerSocketChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        log.debug("could not close a channel of {}", this, e);
      }
    }
  }

  @Override
  public String toString() {
    return new String(ClientName.of(address), StandardCharsets.US_ASCII);
  }
}
