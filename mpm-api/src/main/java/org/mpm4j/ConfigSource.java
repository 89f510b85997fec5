package org.mpm4j;

/// Where a running server finds its configuration anew: what [Mpm#reload()], the control socket's
/// `reload` and the signals HUP and USR1 read.
///
/// ```java
/// ConfigSource source = () -> MpmConfig.load(Path.of("server.conf"));
/// ```
@FunctionalInterface
public interface ConfigSource {
  /// Reads the configuration. Called on the thread that asks for the reload; may block.
  ///
  /// @return the configuration to reload with
  /// @throws ConfigException if it cannot be read or has errors; the reload is then refused and the
  ///   server goes on as it is
  MpmConfig read();
}
