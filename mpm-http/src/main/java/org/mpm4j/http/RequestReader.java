package org.mpm4j.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// Reads one request after another: a parser, and what it has found so far.
///
/// The parser keeps what it has seen of an incomplete head, so the input is always used up when
/// more is needed. Every method belongs to whoever owns the connection.
public final class RequestReader {
  /// Who hears of the header fields.
  @FunctionalInterface
  public interface FieldSink {
    /// One field, in the order of the message.
    ///
    /// @param field its name as it was sent or as the parser knows it
    /// @param value without the space around it
    void field(HttpField field, String value);
  }

  /// What the parser keeps of fields that it may meet again, so as not to make new strings.
  private static final int FIELD_CACHE = 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final String CHUNKED = "chunked";

  private final HeadLimits limits;
  private final FieldSink sink;
  private final HttpParser parser;

  private String method = "";
  private String target = "";
  private int minor = 1;
  private int fields;
  private boolean close;
  private boolean keepAlive;
  private boolean hasBody;
  private boolean headComplete;
  private boolean complete;
  private boolean brokenBody;
  private int failure;
  private String failureReason = "";
  private ByteBuffer content = NOTHING;
  private @Nullable String expect;

  /// @param sink told of every field, while [#parse] runs
  public RequestReader(HeadLimits limits, FieldSink sink) {
    this.limits = limits;
    this.sink = sink;
    parser = new HttpParser(new Events(), limits.head(), HttpCompliance.RFC9110);
    parser.setHeaderCacheSize(FIELD_CACHE);
  }

  /// Makes this ready for another request.
  ///
  /// @return false if it cannot be used again, since its parser stands in the middle of something
  public boolean reset() {
    if (!parser.isState(HttpParser.State.END)) {
      return false;
    }
    parser.reset();
    if (!close && parser.getHeaderCacheSize() != FIELD_CACHE) {
      // "Connection: close" switched it off; clients that close make no use of it, and filling it
      // anew costs more than all else that a request needs
      parser.setHeaderCacheSize(FIELD_CACHE);
    }
    method = "";
    target = "";
    minor = 1;
    fields = 0;
    close = false;
    keepAlive = false;
    hasBody = false;
    headComplete = false;
    complete = false;
    brokenBody = false;
    failure = 0;
    failureReason = "";
    content = NOTHING;
    expect = null;
    return true;
  }

  /// Runs the parser up to the end of the head, the next piece of the body, or its end, which is a
  /// thing of its own and needs no input. The parser empties a buffer in which it found an error by
  /// setting the limit to 0, while the buffer is the engine's and only its position may be moved.
  public void parse(ByteBuffer input) {
    int limit = input.limit();
    parser.parseNext(input);
    if (input.limit() != limit) {
      input.limit(limit).position(limit);
    }
  }

  public String method() {
    return method;
  }

  public boolean isHead() {
    return method.equals("HEAD");
  }

  /// The request target as it was sent.
  public String target() {
    return target;
  }

  /// 0 or 1, for HTTP/1.0 or HTTP/1.1.
  public int minor() {
    return minor;
  }

  /// Whether all fields were read.
  public boolean headComplete() {
    return headComplete;
  }

  /// Whether the body was read too.
  public boolean complete() {
    return complete;
  }

  /// The status that refuses a malformed head; 0 if there is nothing wrong with it.
  public int failure() {
    return failure;
  }

  /// Why, in a few words that may hold what the client has sent; perhaps empty.
  public String failureReason() {
    return failureReason;
  }

  /// Whether the chunks of the body are malformed.
  public boolean brokenBody() {
    return brokenBody;
  }

  /// The length of the body; negative if the request does not say.
  public long contentLength() {
    return parser.getContentLength();
  }

  /// The part of the body that the parser has just found: a view of what it was given.
  public ByteBuffer takeContent() {
    ByteBuffer taken = content;
    content = NOTHING;
    return taken;
  }

  /// Whether the client wants to keep the connection.
  public boolean persistent() {
    return minor == 0 ? keepAlive && !close : !close;
  }

  /// What the client expects, in HTTP/1.1.
  public @Nullable String expect() {
    return minor == 0 ? null : expect;
  }

  /// What the parser calls, in the order of the message; a true answer makes it return.
  private final class Events implements HttpParser.RequestHandler {
    @Override
    public void startRequest(String name, String uri, HttpVersion version) {
      method = name;
      target = uri;
      minor = version == HttpVersion.HTTP_1_0 ? 0 : 1;
      if (version != HttpVersion.HTTP_1_0 && version != HttpVersion.HTTP_1_1) {
        throw new HttpException.RuntimeException(HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505);
      }
      // two spaces and the version are part of the line
      if (name.length() + uri.length() + 10 > limits.line()) {
        throw new HttpException.RuntimeException(HttpStatus.URI_TOO_LONG_414);
      }
    }

    @Override
    public void parsedHeader(HttpField field) {
      String value = field.getValue() == null ? "" : field.getValue();
      if (++fields > limits.fields()
          || field.getName().length() + value.length() + 2 > limits.fieldSize()) {
        throw new HttpException.RuntimeException(HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
      }
      HttpHeader header = field.getHeader();
      if (header != null) {
        switch (header) {
          case CONNECTION -> {
            close |= field.contains("close");
            keepAlive |= field.contains("keep-alive");
          }
          case CONTENT_LENGTH -> hasBody |= !value.equals("0");
          case TRANSFER_ENCODING -> transferEncoding(field);
          case EXPECT -> expect = expect == null ? value : expect + ", " + value;
          default -> {}
        }
      }
      sink.field(field, value);
    }

    /// The parser takes `gzip, chunked`, which nobody here could decode, and chunks in HTTP/1.0,
    /// where a proxy in front may see another request than this server. It refuses what is not
    /// chunked at all.
    private void transferEncoding(HttpField field) {
      if (minor == 0) {
        throw new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400);
      }
      if (!field.getValue().equalsIgnoreCase(CHUNKED) && field.contains(CHUNKED)) {
        throw new HttpException.RuntimeException(HttpStatus.NOT_IMPLEMENTED_501);
      }
      hasBody = true;
    }

    @Override
    public boolean headerComplete() {
      headComplete = true;
      return hasBody;
    }

    @Override
    public boolean content(ByteBuffer bytes) {
      content = bytes;
      return true;
    }

    @Override
    public boolean contentComplete() {
      return false;
    }

    @Override
    public boolean messageComplete() {
      complete = true;
      return true;
    }

    @Override
    public void earlyEOF() {
      brokenBody = true;
    }

    @Override
    public void badMessage(HttpException problem) {
      failure = problem.getCode();
      failureReason = problem.getReason() == null ? "" : problem.getReason();
    }
  }
}
