package org.mpm4j.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/// Which build this is.
///
/// @param version as exporters parse it: three numbers with dots between them
/// @param built when
record Build(String version, String built) {
  static final Build THIS = read();

  /// As httpd's `Server` field has it.
  String server() {
    return "mpm4j/" + version;
  }

  private static Build read() {
    Properties properties = new Properties();
    try (InputStream stream = Build.class.getResourceAsStream("build.properties")) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = properties.getProperty("version", "0.0.0");
    return new Build(version.replaceFirst("-.*", ""), properties.getProperty("built", ""));
  }
}
