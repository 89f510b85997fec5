package org.mpm4j.status;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/// Who may see something: one of httpd's `Require` directives, or several of which one must be met.
///
/// Immutable; may be called from any thread.
public sealed interface Require permits Requirement {
  /// Whether a client may go on. For `host` this asks a name server, and may block as long as that
  /// takes; the others never block.
  ///
  /// @param client the client's address; other than internet and Unix addresses meet `all granted`
  ///   only
  /// @param server the address that it is connected to
  /// @return whether
  /// @throws IOException if that could not be found out
  boolean grantedTo(SocketAddress client, SocketAddress server) throws IOException;

  /// `Require local`: a loopback address, the address that the client also connected to, or a Unix
  /// socket.
  ///
  /// @return what applies where nothing else is said
  static Require local() {
    return Requirement.Local.INSTANCE;
  }

  /// Reads what follows the word `Require`: `all granted`, `all denied`, `local`, `ip
  /// ADDRESS[/BITS] ...` or `host NAME ...`.
  ///
  /// @param arguments the words, at least one
  /// @return the requirement
  /// @throws IllegalArgumentException if they make no sense, with what was expected
  static Require of(List<String> arguments) {
    return Requirement.of(arguments, Requirement.Resolver.SYSTEM);
  }

  /// Several directives side by side.
  ///
  /// @param requirements at least one
  /// @return a requirement that is met if any of them is
  static Require anyOf(List<Require> requirements) {
    return requirements.size() == 1
        ? requirements.getFirst()
        : new Requirement.Any(List.copyOf(requirements));
  }
}
