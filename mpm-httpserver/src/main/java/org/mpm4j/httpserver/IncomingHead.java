package org.mpm4j.httpserver;

import com.sun.net.httpserver.Headers;
import org.mpm4j.http.HeadLimits;
import org.mpm4j.http.RequestReader;

/// The reader of one request after another, and the fields of the present one.
final class IncomingHead {
  private final RequestReader reader;
  private Headers fields = new Headers();

  IncomingHead(HeadLimits limits) {
    reader = new RequestReader(limits, (field, value) -> fields.add(field.getName(), value));
  }

  RequestReader reader() {
    return reader;
  }

  /// The fields, which are the caller's after [#reset].
  Headers fields() {
    return fields;
  }

  /// Makes this ready for another request.
  ///
  /// @return false if it cannot be used again
  boolean reset() {
    fields = new Headers();
    return reader.reset();
  }
}
