package org.mpm4j.comparison.servers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Netty on its native epoll: one event loop that accepts and serves, and a pool for what blocks.
public final class NettyServer {
  private NettyServer() {}

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) throws InterruptedException {
    ServerArguments arguments = ServerArguments.of(args);
    ExecutorService blocking = Executors.newFixedThreadPool(arguments.threads());
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    NettyHandler.keepDate(loop.next());
    new ServerBootstrap()
        .group(loop)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, ServerArguments.BACKLOG)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(new HttpServerCodec(), new NettyHandler(blocking, arguments.folder()));
              }
            })
        .bind(ServerArguments.HOST, arguments.port())
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }
}
