package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Short ways for the tests to read configurations. In the texts `¶` stands for the end of a line.
/// No host name is looked up in the network.
final class Configs {
  static final Vocabulary STATUS_SERVER =
      Vocabulary.none()
          .withModule("status_module", "mod_status.c")
          .withDirective("ServerName", 1, 1)
          .withDirective("ServerAlias", 1, Integer.MAX_VALUE)
          .withSection(
              "Location",
              1,
              1,
              Vocabulary.none()
                  .withDirective("SetHandler", 1, 1)
                  .withDirective("Require", 1, Integer.MAX_VALUE)
                  .withSection("Limit", 1, 9, Vocabulary.none().withDirective("Require", 1, 3)));

  private Configs() {}

  static MpmConfig parse(String text, String... overrides) {
    return parse(STATUS_SERVER, text, overrides);
  }

  static MpmConfig parse(Vocabulary vocabulary, String text, String... overrides) {
    return ConfigFile.parse(
        "my.conf", text.replace('¶', '\n'), List.of(overrides), vocabulary, Configs::resolve);
  }

  /// A configuration that listens, whatever the text says.
  static MpmConfig listening(String text) {
    return parse(STATUS_SERVER.withDefaults("Listen 127.0.0.1:8080"), text);
  }

  static String errors(String text, String... overrides) {
    return assertThrows(ConfigException.class, () -> parse(text, overrides)).getMessage();
  }

  static String corrections(MpmConfig config) {
    return config.corrections().stream().map(Correction::toString).collect(Collectors.joining("¶"));
  }

  /// The lines of [MpmConfig#toDirectives()] for the directives named.
  static String values(MpmConfig config, String names) {
    List<String> wanted = Arrays.asList(names.toLowerCase(Locale.ROOT).split(" ", -1));
    return config
        .toDirectives()
        .lines()
        .filter(line -> wanted.contains(line.split(" ", 2)[0].toLowerCase(Locale.ROOT)))
        .collect(Collectors.joining("¶"));
  }

  static InetAddress resolve(String host) throws UnknownHostException {
    if (host.equals("localhost")) {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      throw (UnknownHostException) new UnknownHostException(host).initCause(e);
    }
  }
}
