package org.mpm4j.examples.servers.netty;

import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import org.mpm4j.InheritedListener;

/// Netty in every child, on its native epoll transport: the listener is a descriptor.
public final class NettyEpollServer extends NettyServer {
  /// For the children.
  public NettyEpollServer() {
    super(EpollIoHandler.newFactory());
  }

  @Override
  ServerChannel open(InheritedListener listener) throws IOException {
    return new EpollServerSocketChannel(listener.openDescriptor());
  }
}
