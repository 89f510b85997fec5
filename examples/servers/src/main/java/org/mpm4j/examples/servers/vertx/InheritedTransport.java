package org.mpm4j.examples.servers.vertx;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.spi.transport.Transport;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.mpm4j.examples.servers.netty.Connections;

/// Vert.x's transport on the JDK's channels, except that a server that listens is given an
/// inherited channel, and nothing is bound. Any thread.
final class InheritedTransport implements Transport {
  private final Transport nio = io.vertx.core.transport.Transport.NIO.implementation();
  private final Queue<ServerSocketChannel> next = new ConcurrentLinkedQueue<>();
  private final Connections connections;

  /// @param connections handler of each server channel
  InheritedTransport(Connections connections) {
    this.connections = connections;
  }

  /// Sets what the next server listens to, whatever address it is told; this owns it then.
  void offer(ServerSocketChannel listener) {
    next.add(listener);
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return () -> new Bound(next.remove(), connections);
  }

  @Override
  public IoHandlerFactory ioHandlerFactory() {
    return nio.ioHandlerFactory();
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
    return nio.channelFactory(domainSocket);
  }

  @Override
  @SuppressWarnings("deprecation") // the interface names the type
  public DatagramChannel datagramChannel(InternetProtocolFamily family) {
    return nio.datagramChannel(family);
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
    return nio.datagramChannelFactory();
  }

  private static final class Bound extends NioServerSocketChannel {
    Bound(ServerSocketChannel channel, Connections connections) {
      super(channel);
      pipeline().addLast(connections); // before what Vert.x adds
    }

    /// The channel is bound already.
    @Override
    protected void doBind(SocketAddress address) {}
  }
}
