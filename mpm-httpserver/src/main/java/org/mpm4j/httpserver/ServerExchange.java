package org.mpm4j.httpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.mpm4j.http.HttpDate;
import org.mpm4j.http.MessageWriter;

/// What the application sees of one exchange. One thread at a time.
final class ServerExchange extends HttpExchange {
  /// What is known of the request when its head is complete.
  ///
  /// @param minor the minor version of HTTP
  /// @param persistent whether the client wants to keep the connection
  record Request(
      String method,
      URI uri,
      int minor,
      Headers fields,
      boolean persistent,
      InetSocketAddress remoteAddress,
      InetSocketAddress localAddress) {}

  private static final String CONNECTION = "Connection";
  private static final String CLOSE = "close";

  private final ExchangeChannel channel;
  private final HttpContext context;
  private final Request request;
  private final boolean mayKeepAlive;
  private final Headers requestHeaders;
  private final Headers responseHeaders = new Headers();
  private final RequestBody requestBody;
  private final ResponseBody responseBody;
  private InputStream input;
  private OutputStream output;
  private int responseCode = -1;
  private boolean closed;
  private @Nullable HttpPrincipal principal;

  /// @param mayKeepAlive whether the engine may keep the connection
  /// @param keepAliveSeconds how long it keeps an idle one
  ServerExchange(
      ExchangeChannel channel,
      HttpContext context,
      Request request,
      boolean mayKeepAlive,
      long keepAliveSeconds) {
    this.channel = channel;
    this.context = context;
    this.request = request;
    this.mayKeepAlive = mayKeepAlive;
    requestHeaders = Headers.of(request.fields());
    requestBody = new RequestBody(channel);
    responseBody = new ResponseBody(channel, requestBody);
    input = requestBody;
    output = responseBody;
    if (request.minor() == 0) { // as the JDK's server does
      if (!request.persistent()) {
        responseHeaders.set(CONNECTION, CLOSE);
      } else if (mayKeepAlive) {
        responseHeaders.set(CONNECTION, "keep-alive");
        responseHeaders.set("Keep-Alive", "timeout=" + keepAliveSeconds);
      }
    }
  }

  /// The handler has returned. An answer that is complete but for being closed is closed, so that
  /// its client does not wait for what the application forgot.
  void handlerReturned() {
    if (responseBody.full()) {
      close();
    }
  }

  @Override
  public Headers getRequestHeaders() {
    return requestHeaders;
  }

  @Override
  public Headers getResponseHeaders() {
    return responseHeaders;
  }

  @Override
  public URI getRequestURI() {
    return request.uri();
  }

  @Override
  public String getRequestMethod() {
    return request.method();
  }

  @Override
  public HttpContext getHttpContext() {
    return context;
  }

  @Override
  public InputStream getRequestBody() {
    return input;
  }

  @Override
  public OutputStream getResponseBody() {
    return output;
  }

  @Override
  public void setStreams(@Nullable InputStream newInput, @Nullable OutputStream newOutput) {
    input = newInput == null ? input : newInput;
    output = newOutput == null ? output : newOutput;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (responseCode < 0) {
      channel.abort();
      return;
    }
    try {
      requestBody.close();
      output.close();
    } catch (IOException _) {
      channel.abort();
    }
  }

  @Override
  public void sendResponseHeaders(int code, long length) throws IOException {
    if (responseCode >= 0) {
      throw new IOException("headers already sent");
    }
    boolean bodiless = (code >= 100 && code < 200) || code == 204 || code == 304;
    boolean headOnly = request.method().equals("HEAD") || code == 304;
    long announced = bodiless ? -1 : length;
    boolean chunked = !headOnly && announced == 0 && request.minor() == 1;
    boolean untilClose = !headOnly && announced == 0 && request.minor() == 0;
    if (!headOnly && announced < -1) {
      throw new IllegalArgumentException("Content-Length: " + length);
    }
    responseHeaders.set("Date", HttpDate.now());
    if (chunked) {
      responseHeaders.set("Transfer-encoding", "chunked");
    } else if (!headOnly && !untilClose && !bodiless) {
      responseHeaders.set("Content-length", String.valueOf(Math.max(0, announced)));
    }
    if (!mayKeepAlive && request.persistent()) {
      responseHeaders.set(CONNECTION, CLOSE);
    }
    boolean keep = request.persistent() && mayKeepAlive && !untilClose && !closeRequested();
    byte[] head = head(code);
    responseCode = code;
    boolean empty = headOnly || announced == -1;
    ResponseBody.Framing framing =
        chunked
            ? ResponseBody.Framing.CHUNKED
            : untilClose ? ResponseBody.Framing.UNTIL_CLOSE : ResponseBody.Framing.FIXED;
    responseBody.open(head, framing, empty ? 0 : announced, keep);
    if (empty) {
      closeEmpty();
    }
  }

  /// Ends an answer that has no body. A stream that the application has put around the body is not
  /// closed with it, since it may be one that writes at its end.
  private void closeEmpty() throws IOException {
    closed = true;
    responseBody.close();
  }

  private boolean closeRequested() {
    List<String> values = responseHeaders.get(CONNECTION);
    return values != null && values.stream().anyMatch(CLOSE::equalsIgnoreCase);
  }

  private byte[] head(int code) {
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(code).append(' ').append(HttpStatus.getMessage(code));
    head.append("\r\n");
    for (Map.Entry<String, List<String>> field : responseHeaders.entrySet()) {
      for (String value : field.getValue()) {
        FieldText.require(field.getKey(), value);
        head.append(field.getKey()).append(": ").append(value).append("\r\n");
      }
    }
    return MessageWriter.ascii(head.append("\r\n").toString());
  }

  @Override
  public InetSocketAddress getRemoteAddress() {
    return request.remoteAddress();
  }

  @Override
  public InetSocketAddress getLocalAddress() {
    return request.localAddress();
  }

  @Override
  public int getResponseCode() {
    return responseCode;
  }

  @Override
  public String getProtocol() {
    return request.minor() == 0 ? "HTTP/1.0" : "HTTP/1.1";
  }

  /// An attribute of the context: as with the JDK's server, all exchanges share them.
  @Override
  public @Nullable Object getAttribute(String name) {
    return context.getAttributes().get(Objects.requireNonNull(name, "name"));
  }

  @Override
  public void setAttribute(String name, @Nullable Object value) {
    Objects.requireNonNull(name, "name");
    if (value == null) {
      context.getAttributes().remove(name);
    } else {
      context.getAttributes().put(name, value);
    }
  }

  @Override
  public @Nullable HttpPrincipal getPrincipal() {
    return principal;
  }

  void principal(HttpPrincipal newPrincipal) {
    principal = newPrincipal;
  }
}
