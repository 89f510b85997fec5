package org.mpm4j;

import java.nio.file.Path;
import java.util.List;

final class ConfigFile {
  private ConfigFile() {}

  static MpmConfig load(Path file, List<String> overrides, Vocabulary vocabulary) {
    throw new UnsupportedOperationException("not written yet: " + file + overrides + vocabulary);
  }

  static MpmConfig parse(
      String sourceName, String text, List<String> overrides, Vocabulary vocabulary) {
    throw new UnsupportedOperationException(
        "not written yet: " + sourceName + text + overrides + vocabulary);
  }
}
