package org.mpm4j.examples.servers.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mpm4j.ServerLoad;
import org.mpm4j.examples.servers.Lull;

/// The channels of a server on Netty: a handler of its server channels, which sees each connection
/// as it is accepted. So none is missed by a drain once the server channels are closed, also if its
/// own event loop does not know of it yet. Any thread.
@Sharable
public final class Connections extends ChannelInboundHandlerAdapter {
  private final ServerLoad load;
  private final List<Channel> listening = new CopyOnWriteArrayList<>();
  private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /// No channels yet.
  ///
  /// @param load where to report connections
  public Connections(ServerLoad load) {
    this.load = load;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    listening.add(context.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object connection) {
    Channel channel = (Channel) connection;
    load.connectionOpened();
    accepted.add(channel);
    var _ = channel.closeFuture().addListener(_ -> load.connectionClosed());
    context.fireChannelRead(connection);
  }

  /// Accepts no more, waits for the [Lull] and closes what is left. Not on an event loop.
  ///
  /// @throws InterruptedException if the thread is interrupted
  public void drain() throws InterruptedException {
    for (Channel channel : listening) {
      channel.close().sync();
    }
    Lull.await(load, accepted::isEmpty);
    accepted.close().sync();
  }

  /// Closes all channels without waiting.
  public void close() {
    for (Channel channel : listening) {
      var _ = channel.close();
    }
    var _ = accepted.close();
  }
}
