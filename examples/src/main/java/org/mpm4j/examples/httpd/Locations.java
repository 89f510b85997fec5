package org.mpm4j.examples.httpd;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.mpm4j.status.Require;

/// The `<Location>` sections. As in httpd, all sections that cover a path apply in the order in
/// which they stand, and what a later one says replaces what an earlier one said.
final class Locations {
  private final Rule otherwise;
  private final List<Section> sections;

  /// What holds for a path.
  ///
  /// @param require who may see it; null for everyone
  /// @param bodyLimit the longest body of a request, in bytes
  record Rule(HandlerName handler, @Nullable Require require, long bodyLimit) {}

  /// One section; what is empty is not said there.
  record Section(
      String prefix,
      Optional<HandlerName> handler,
      Optional<Require> require,
      OptionalLong bodyLimit) {
    /// Whether the path is `prefix` or below it: `/a` covers `/a` and `/a/b`, not `/ab`.
    boolean covers(String path) {
      return path.startsWith(prefix)
          && (path.length() == prefix.length()
              || prefix.endsWith("/")
              || path.charAt(prefix.length()) == '/');
    }

    Rule over(Rule rule) {
      return new Rule(
          handler.orElse(rule.handler),
          require.orElse(rule.require),
          bodyLimit.orElse(rule.bodyLimit));
    }
  }

  /// Keeps the sections in their order.
  ///
  /// @param bodyLimit the longest body where no section says otherwise
  Locations(long bodyLimit, List<Section> sections) {
    otherwise = new Rule(HandlerName.NONE, null, bodyLimit);
    this.sections = List.copyOf(sections);
  }

  Rule ruleFor(String path) {
    Rule rule = otherwise;
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      if (section.covers(path)) {
        rule = section.over(rule);
      }
    }
    return rule;
  }

  List<Section> sections() {
    return sections;
  }
}
