package org.mpm4j.examples.servers.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.mpm4j.HostedServer;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;
import org.mpm4j.ServerLoad;
import org.mpm4j.examples.servers.Answers;

/// Netty in every child, on the JDK's channels: a server channel for each listener, which is
/// registered instead of bound, and `ThreadsPerChild` threads that may block.
public class NettyServer implements HostedServer {
  private static final int MAX_REQUEST_BYTES = 64 * 1024;

  private final EventLoopGroup loops;
  private @Nullable Connections connections;
  private @Nullable ExecutorService workers;

  /// For the children.
  public NettyServer() {
    this(NioIoHandler.newFactory());
  }

  NettyServer(IoHandlerFactory transport) {
    loops = new MultiThreadIoEventLoopGroup(transport);
  }

  /// Makes a server channel of this transport, which closes what it was made of.
  ServerChannel open(InheritedListener listener) throws IOException {
    return new NioServerSocketChannel(listener.openChannel());
  }

  @Override
  public void start(ServerContext server) throws Exception {
    Connections connections = new Connections(server.load());
    this.connections = connections;
    ExecutorService workers = Executors.newFixedThreadPool(server.config().threadsPerChild());
    this.workers = workers;
    for (InheritedListener listener : server.listeners()) {
      ServerChannel channel = open(listener);
      new ServerBootstrap()
          .group(loops)
          .channelFactory(() -> channel)
          .handler(connections)
          .childOption(ChannelOption.AUTO_READ, false) // one request at a time
          .childHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel connection) {
                  connection
                      .pipeline()
                      .addLast(new HttpServerCodec(), new HttpServerKeepAliveHandler())
                      .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES))
                      .addLast(new FlowControlHandler())
                      .addLast(new Requests(server, workers));
                }
              })
          .register()
          .sync();
    }
  }

  @Override
  public void drain() throws Exception {
    if (connections != null) {
      connections.drain();
    }
  }

  @Override
  public void close() {
    if (connections != null) {
      connections.close();
    }
    if (workers != null) {
      workers.shutdownNow();
    }
    var _ = loops.shutdownGracefully();
  }

  /// The requests of one connection. Its event loop only, except for [#answer].
  private static final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final ServerContext server;
    private final ExecutorService workers;

    Requests(ServerContext server, ExecutorService workers) {
      this.server = server;
      this.workers = workers;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.read();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      String path = request.uri();
      ServerLoad.Exchange exchange = server.load().begin(context.channel().remoteAddress());
      exchange.describe(request.method() + " " + path);
      workers.execute(() -> answer(context, path, exchange));
    }

    private void answer(ChannelHandlerContext context, String path, ServerLoad.Exchange exchange) {
      byte[] body;
      try {
        body = (Answers.to(server, path) + "\n").getBytes(StandardCharsets.UTF_8);
      } catch (InterruptedException _) { // the server is closed
        exchange.close();
        var _ = context.close();
        return;
      }
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(body));
      HttpUtil.setContentLength(response, body.length);
      if (server.draining()) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      var _ =
          context
              .writeAndFlush(response)
              .addListener(_ -> {
                exchange.sent(body.length);
                exchange.close();
                context.read();
              });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close(); // such as a reset
    }
  }
}
