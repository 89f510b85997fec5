package org.mpm4j.status;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A page with the header fields that it is to be sent with.
///
/// @param headers by their names, `Content-Type` and `Cache-Control` among them, in the order in
///   which they are to be sent; neither names nor values contain line ends
/// @param body the text, to be sent in UTF-8
public record StatusReply(Map<String, String> headers, String body) {
  /// Takes the map as it is: [StatusPage] makes it unmodifiable.
  public StatusReply {}

  static StatusReply of(String contentType, String body, Map<String, String> more) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", contentType);
    headers.put("Cache-Control", "no-store");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.putAll(more);
    return new StatusReply(Collections.unmodifiableMap(headers), body);
  }

  StatusReply with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new StatusReply(Collections.unmodifiableMap(all), body);
  }
}
