package org.mpm4j.examples.httpd;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// What the parser has found so far of one request: its line and the fields that this server heeds.
///
/// The parser calls it in the order of the message; a true answer makes the parser return. Used
/// again for the next request after [#clear()].
final class RequestHead implements HttpParser.RequestHandler {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final String CHUNKED = "chunked";

  private final HttpConfig config;

  private String method = "";
  private String target = "";
  private int minor;
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
  private @Nullable String contentType;
  private @Nullable String ifMatch;
  private @Nullable String ifNoneMatch;
  private @Nullable String ifModifiedSince;
  private @Nullable String ifUnmodifiedSince;
  private @Nullable String ifRange;
  private @Nullable String range;

  RequestHead(HttpConfig config) {
    this.config = config;
  }

  void clear() {
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
    contentType = null;
    ifMatch = null;
    ifNoneMatch = null;
    ifModifiedSince = null;
    ifUnmodifiedSince = null;
    ifRange = null;
    range = null;
  }

  // what the parser calls

  @Override
  public void startRequest(String method, String uri, HttpVersion version) {
    this.method = method;
    target = uri;
    minor = version == HttpVersion.HTTP_1_0 ? 0 : 1;
    if (version != HttpVersion.HTTP_1_0 && version != HttpVersion.HTTP_1_1) {
      throw new HttpException.RuntimeException(HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505);
    }
    // two spaces and the version are part of the line
    if (method.length() + uri.length() + 10 > config.limitRequestLine()) {
      throw new HttpException.RuntimeException(HttpStatus.URI_TOO_LONG_414);
    }
  }

  @Override
  public void parsedHeader(HttpField field) {
    String value = field.getValue() == null ? "" : field.getValue();
    if (++fields > config.limitRequestFields()
        || field.getName().length() + value.length() + 2 > config.limitRequestFieldSize()) {
      throw new HttpException.RuntimeException(HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
    }
    HttpHeader header = field.getHeader();
    if (header == null) {
      return;
    }
    switch (header) {
      case CONNECTION -> {
        close |= field.contains("close");
        keepAlive |= field.contains("keep-alive");
      }
      case CONTENT_LENGTH -> hasBody |= !value.equals("0");
      case TRANSFER_ENCODING -> transferEncoding(field);
      case EXPECT -> expect = joined(expect, value);
      case CONTENT_TYPE -> contentType = value;
      case IF_MATCH -> ifMatch = joined(ifMatch, value);
      case IF_NONE_MATCH -> ifNoneMatch = joined(ifNoneMatch, value);
      case IF_MODIFIED_SINCE -> ifModifiedSince = joined(ifModifiedSince, value);
      case IF_UNMODIFIED_SINCE -> ifUnmodifiedSince = joined(ifUnmodifiedSince, value);
      case IF_RANGE -> ifRange = joined(ifRange, value);
      case RANGE -> range = joined(range, value);
      default -> {}
    }
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

  private static String joined(@Nullable String first, String more) {
    return first == null ? more : first + ", " + more;
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

  // what the exchange asks

  String method() {
    return method;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  /// The request target as it was sent.
  String target() {
    return target;
  }

  /// 0 or 1, for HTTP/1.0 or HTTP/1.1.
  int minor() {
    return minor;
  }

  /// Whether all fields were read.
  boolean headComplete() {
    return headComplete;
  }

  /// Whether the body was read too.
  boolean complete() {
    return complete;
  }

  /// The status that refuses a malformed head; 0 if there is nothing wrong with it.
  int failure() {
    return failure;
  }

  String failureReason() {
    return failureReason;
  }

  /// Whether the chunks of the body are malformed.
  boolean brokenBody() {
    return brokenBody;
  }

  /// The part of the body that the parser has just found: a view of what it was given.
  ByteBuffer takeContent() {
    ByteBuffer taken = content;
    content = NOTHING;
    return taken;
  }

  /// Whether the client wants to keep the connection.
  boolean persistent() {
    return minor == 0 ? keepAlive && !close : !close;
  }

  @Nullable String expect() {
    return minor == 0 ? null : expect;
  }

  @Nullable String contentType() {
    return contentType;
  }

  @Nullable String ifMatch() {
    return ifMatch;
  }

  @Nullable String ifNoneMatch() {
    return ifNoneMatch;
  }

  @Nullable String ifModifiedSince() {
    return ifModifiedSince;
  }

  @Nullable String ifUnmodifiedSince() {
    return ifUnmodifiedSince;
  }

  @Nullable String ifRange() {
    return ifRange;
  }

  @Nullable String range() {
    return range;
  }
}
