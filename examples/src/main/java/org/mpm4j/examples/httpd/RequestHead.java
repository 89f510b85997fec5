package org.mpm4j.examples.httpd;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;
import org.mpm4j.http.RequestReader;

/// The line of one request and the fields that this server heeds. Used again for the next request
/// after [#reset()].
final class RequestHead {
  private final RequestReader reader;

  private @Nullable String contentType;
  private @Nullable String ifMatch;
  private @Nullable String ifNoneMatch;
  private @Nullable String ifModifiedSince;
  private @Nullable String ifUnmodifiedSince;
  private @Nullable String ifRange;
  private @Nullable String range;

  RequestHead(HttpConfig config) {
    reader = new RequestReader(config.headLimits(), this::heed);
  }

  /// Reads this head, and the body behind it.
  RequestReader reader() {
    return reader;
  }

  /// Makes this ready for another request.
  ///
  /// @return false if it cannot be used again, as [RequestReader#reset()] says
  boolean reset() {
    if (!reader.reset()) {
      return false;
    }
    contentType = null;
    ifMatch = null;
    ifNoneMatch = null;
    ifModifiedSince = null;
    ifUnmodifiedSince = null;
    ifRange = null;
    range = null;
    return true;
  }

  private void heed(HttpField field, String value) {
    HttpHeader header = field.getHeader();
    if (header == null) {
      return;
    }
    switch (header) {
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

  private static String joined(@Nullable String first, String more) {
    return first == null ? more : first + ", " + more;
  }

  String method() {
    return reader.method();
  }

  /// The request target as it was sent.
  String target() {
    return reader.target();
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
