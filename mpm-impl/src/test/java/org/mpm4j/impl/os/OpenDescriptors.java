package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves descriptors open, or closes one that was not its own.
///
/// Files that the JVM opens for itself, class path, modules and random numbers, do not count.
public final class OpenDescriptors implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(OpenDescriptors.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("before", list());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    assertEquals(context.getStore(NAMESPACE).get("before"), list(), "open descriptors");
  }

  /// Number and target of each open descriptor.
  public static Map<Integer, String> list() {
    Map<Integer, String> open = new TreeMap<>();
    try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path entry : entries) {
        String target = target(entry);
        if (!target.isEmpty()
            && !target.endsWith(".jar")
            && !target.endsWith(".class")
            && !target.endsWith("/lib/modules")
            && !target.endsWith("random")
            && !target.matches("/proc/\\d+/fd")) {
          open.put(Integer.valueOf(entry.getFileName().toString()), target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return open;
  }

  private static String target(Path entry) {
    try {
      return Files.readSymbolicLink(entry).toString();
    } catch (IOException _) {
      return ""; // closed meanwhile
    }
  }
}
