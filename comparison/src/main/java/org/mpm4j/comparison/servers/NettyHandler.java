package org.mpm4j.comparison.servers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Answers the requests of one connection; flushes once for all that came together.
final class NettyHandler extends ChannelInboundHandlerAdapter {
  private static final AsciiString SERVER = AsciiString.cached("Netty");
  private static final AsciiString TEXT = AsciiString.cached(Answers.TEXT);
  private static final AsciiString BINARY = AsciiString.cached(Answers.BINARY);
  private static final ByteBuf HELLO =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(Answers.hello())).asReadOnly();

  // written by the event loop once a second
  private static volatile AsciiString date = new AsciiString(Answers.date());

  private final ExecutorService blocking;
  private final File file;
  private boolean keepAlive;
  private @Nullable ByteBuf body; // of the request to echo

  NettyHandler(ExecutorService blocking, Path folder) {
    this.blocking = blocking;
    file = folder.resolve(Answers.FILE.substring(1)).toFile();
  }

  /// Makes the date anew each second.
  static void keepDate(EventLoop loop) {
    var _ =
        loop.scheduleAtFixedRate(
            () -> date = new AsciiString(Answers.date()), 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        begin(context, request);
      }
      if (message instanceof HttpContent content && body != null) {
        body.writeBytes(content.content());
        if (content instanceof LastHttpContent) {
          ByteBuf whole = body;
          body = null;
          send(context.channel(), TEXT, whole);
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    Channel channel = context.channel();
    keepAlive = HttpUtil.isKeepAlive(request);
    switch (Answers.path(request.uri())) {
      case Answers.HELLO -> send(channel, TEXT, HELLO.duplicate());
      case Answers.SLEEP -> blocking.execute(() -> sleep(channel));
      case Answers.ECHO -> {
        int length = (int) HttpUtil.getContentLength(request, 0L);
        body = context.alloc().buffer(length);
      }
      case Answers.FILE -> sendFile(channel);
      default -> {
        keepAlive = false;
        HttpResponse missing =
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND, Unpooled.EMPTY_BUFFER);
        missing.headers().set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
        end(channel.write(missing));
      }
    }
  }

  private void sleep(Channel channel) {
    try {
      Answers.block();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return;
    }
    channel
        .eventLoop()
        .execute(() -> {
          send(channel, TEXT, HELLO.duplicate());
          channel.flush();
        });
  }

  private void send(Channel channel, AsciiString type, ByteBuf content) {
    HttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content);
    describe(response, type, content.readableBytes());
    end(channel.write(response));
  }

  private void sendFile(Channel channel) {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    long length = file.length();
    describe(response, BINARY, length);
    var _ = channel.write(response);
    var _ = channel.write(new DefaultFileRegion(file, 0, length));
    end(channel.write(LastHttpContent.EMPTY_LAST_CONTENT));
  }

  private void describe(HttpResponse response, AsciiString type, long length) {
    response
        .headers()
        .set(HttpHeaderNames.DATE, date)
        .set(HttpHeaderNames.SERVER, SERVER)
        .set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CONTENT_LENGTH, length);
    if (!keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private void end(ChannelFuture written) {
    if (!keepAlive) {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close(); // the client has gone, or does not speak HTTP
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (body != null) {
      body.release();
      body = null;
    }
  }
}
