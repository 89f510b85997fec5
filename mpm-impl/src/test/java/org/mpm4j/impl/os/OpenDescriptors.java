package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves descriptors open, or closes one that was not its own.
///
/// Files that the JVM opens for itself do not count: class path, modules, random numbers, and those
/// of its control group, which it reads when it asks for the number of processors.
public final class OpenDescriptors implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(OpenDescriptors.class);

  private static final long PATIENCE_NANOS = 30_000_000_000L;

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("before", list());
  }

  /// A descriptor that another thread is about to close, or that the JVM has for a moment, is none
  /// that is left open. A pipe that is gone may be that of an earlier test's process: the JDK
  /// closes it some time after the process has ended.
  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    Map<?, ?> before =
        Objects.requireNonNull(context.getStore(NAMESPACE).get("before", Map.class), "before");
    long start = System.nanoTime();
    while (!list().equals(withoutClosedPipes(before))
        && System.nanoTime() - start < PATIENCE_NANOS) {
      Thread.sleep(5); // between two looks
    }
    assertEquals(withoutClosedPipes(before), list(), "open descriptors");
  }

  private static Map<?, ?> withoutClosedPipes(Map<?, ?> before) {
    Map<Integer, String> now = list();
    Map<?, ?> expected = new TreeMap<>(before);
    expected
        .entrySet()
        .removeIf(open ->
            String.valueOf(open.getValue()).startsWith("pipe:")
                && !open.getValue().equals(now.get(open.getKey())));
    return expected;
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
            && !target.startsWith("/sys/fs/cgroup")
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
