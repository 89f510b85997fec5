package org.mpm4j.examples.httpd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// The content types of files, by the extension of their names.
final class ContentTypes {
  static final ContentTypes BUILT_IN = read("content-types");

  private static final String UNKNOWN = "application/octet-stream";

  private final Map<String, String> byExtension;

  private ContentTypes(Map<String, String> byExtension) {
    this.byExtension = Map.copyOf(byExtension);
  }

  /// This table with a type for more extensions, with or without their dot, as `AddType` does.
  ContentTypes with(String type, List<String> extensions) {
    Map<String, String> more = new HashMap<>(byExtension);
    for (String extension : extensions) {
      String bare = extension.startsWith(".") ? extension.substring(1) : extension;
      more.put(bare.toLowerCase(Locale.ROOT), type);
    }
    return new ContentTypes(more);
  }

  /// The type of a file; bytes without further meaning if its name tells nothing.
  String of(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot <= 0
        ? UNKNOWN
        : byExtension.getOrDefault(fileName.substring(dot + 1).toLowerCase(Locale.ROOT), UNKNOWN);
  }

  /// Reads a table from beside this class: on each line extensions, `=`, and their type.
  private static ContentTypes read(String resource) {
    ContentTypes types = new ContentTypes(Map.of());
    try (InputStream stream =
            Objects.requireNonNull(ContentTypes.class.getResourceAsStream(resource), resource);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line : lines.lines().toList()) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
          List<String> extensions = List.of(line.substring(0, equals).strip().split(" +", -1));
          types = types.with(line.substring(equals + 1).strip(), extensions);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return types;
  }
}
