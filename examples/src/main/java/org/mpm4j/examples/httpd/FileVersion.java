package org.mpm4j.examples.httpd;

import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.mpm4j.http.HttpDate;

/// What tells one state of a file from another, and what conditional requests are held against.
///
/// @param size in bytes
/// @param modified the second of the last change, not later than now
/// @param tag the entity tag with its quotes
record FileVersion(long size, long modified, String tag) {
  static FileVersion of(BasicFileAttributes attributes) {
    long changed = attributes.lastModifiedTime().to(TimeUnit.MICROSECONDS);
    long second = Math.floorDiv(changed, 1_000_000L);
    long now = HttpDate.second();
    String strong =
        '"' + Long.toHexString(attributes.size()) + '-' + Long.toHexString(changed) + '"';
    // A file of this very second may change again without its time changing.
    String tag = now - second <= 0 ? "W/" + strong : strong;
    return new FileVersion(attributes.size(), Math.min(second, now), tag);
  }

  /// The header fields that name this version.
  String fields() {
    return "Last-Modified: " + HttpDate.format(modified) + "\r\nETag: " + tag + "\r\n";
  }

  /// Holds the conditions of a request against this version, in the order of RFC 9110, 13.2.2.
  ///
  /// @return 412, 304, or 0 to go on
  int precondition(RequestHead head) {
    String ifMatch = head.ifMatch();
    String ifUnmodifiedSince = head.ifUnmodifiedSince();
    if (ifMatch != null) {
      if (!listed(ifMatch, true)) {
        return HttpStatus.PRECONDITION_FAILED_412;
      }
    } else if (ifUnmodifiedSince != null) {
      long since = HttpDate.parse(ifUnmodifiedSince);
      if (since >= 0 && modified > since) {
        return HttpStatus.PRECONDITION_FAILED_412;
      }
    }
    String ifNoneMatch = head.ifNoneMatch();
    String ifModifiedSince = head.ifModifiedSince();
    if (ifNoneMatch != null) {
      return listed(ifNoneMatch, false) ? HttpStatus.NOT_MODIFIED_304 : 0;
    }
    if (ifModifiedSince != null && modified <= HttpDate.parse(ifModifiedSince)) {
      return HttpStatus.NOT_MODIFIED_304;
    }
    return 0;
  }

  /// Whether a range may be taken from this version: `If-Range` is absent, or means exactly this.
  boolean rangeApplies(@Nullable String ifRange) {
    if (ifRange == null) {
      return true;
    }
    if (!isStrong()) {
      return false;
    }
    return ifRange.equals(tag) || HttpDate.parse(ifRange) == modified;
  }

  private boolean isStrong() {
    return tag.startsWith("\"");
  }

  /// Whether `tags` is `*` or contains this version's tag. Our tags hold no comma.
  private boolean listed(String tags, boolean strongly) {
    if (tags.strip().equals("*")) {
      return true;
    }
    if (strongly && !isStrong()) {
      return false;
    }
    String opaque = isStrong() ? tag : tag.substring("W/".length());
    for (String candidate : tags.split(",", -1)) {
      String text = candidate.strip();
      if (text.equals(opaque) || (!strongly && text.equals("W/" + opaque))) {
        return true;
      }
    }
    return false;
  }
}
