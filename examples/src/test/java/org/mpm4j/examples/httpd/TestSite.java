package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.MpmConfig;

/// A folder with files and the server for them.
final class TestSite {
  static final String MODIFIED = "Sat, 03 Feb 2024 04:05:06 GMT";

  /// Whether the JDK can name every file here; not so in the POSIX locale.
  static final boolean HAS_ACCENTS = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));

  private TestSite() {}

  /// Files of a few kinds in `folder`, with a secret beside its root.
  static Path create(Path folder) throws IOException {
    Path root = Files.createDirectories(folder.resolve("root"));
    write(folder.resolve("secret.txt"), "secret");
    write(root.resolve("index.html"), "<p>home");
    write(root.resolve("ten.txt"), "0123456789");
    write(root.resolve("empty.txt"), "");
    write(root.resolve("a b#%.txt"), "odd name");
    if (HAS_ACCENTS) {
      write(root.resolve("caf\u00e9.txt"), "accent");
    }
    write(root.resolve(".hidden"), "dotfile");
    write(root.resolve(".htpasswd"), "secret");
    write(root.resolve("unknown.xyz"), "?");
    write(root.resolve("bare/file.txt"), "in a folder without index");
    write(root.resolve("sub/index.html"), "<p>sub");
    write(root.resolve("sub/two words/index.html"), "<p>deep");
    Files.createSymbolicLink(root.resolve("inside"), Path.of("ten.txt"));
    Files.createSymbolicLink(root.resolve("outside"), Path.of("../secret.txt"));
    Files.createSymbolicLink(root.resolve("out"), Path.of(".."));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(root.resolve("innocent"), Path.of(".htpasswd"));
    return root;
  }

  private static void write(Path file, String text) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2024-02-03T04:05:06Z")));
  }

  /// A handler for the configuration that `text` adds to the usual locations.
  static ConnectionHandler handler(Path root, String text) throws IOException {
    String configuration =
        """
        DocumentRoot "%s"
        <Location /hello>
          SetHandler hello
        </Location>
        <Location /echo>
          SetHandler echo
        </Location>
        <Location /sleep>
          SetHandler sleep
        </Location>
        <Location /server-status>
          SetHandler server-status
        </Location>
        <Location /denied>
          Require all denied
        </Location>
        %s
        """
            .formatted(root, text);
    HttpConfig config = config(configuration);
    return new HttpConnectionHandler(config, Router.of(config, null));
  }

  static HttpConfig config(String text) {
    return HttpConfig.of(
        MpmConfig.parse(
                "test.conf",
                text,
                List.of(),
                HttpConfig.vocabulary().withDefaults("Listen 127.0.0.1:8080"))
            .serverDirectives());
  }
}
