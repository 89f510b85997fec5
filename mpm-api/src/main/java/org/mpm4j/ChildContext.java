package org.mpm4j;

import java.net.SocketAddress;
import java.util.List;

/// What a [ChildApplication] is told about the child that it runs in. Immutable but for
/// [#draining()]; every method may be called from any thread and never blocks.
public interface ChildContext {
  /// The configuration in force, with the embedding server's own directives in
  /// [MpmConfig#serverDirectives()].
  ///
  /// @return the configuration
  MpmConfig config();

  /// The scoreboard slot of this child; the same slot serves its replacement.
  ///
  /// @return 0 to `ServerLimit` - 1
  int slot();

  /// The generation of the configuration: 0 at first, one more after each reload.
  ///
  /// @return the generation
  int generation();

  /// The addresses that this child accepts from, with real port numbers where the configuration
  /// says 0; in the order of the `Listen` directives.
  ///
  /// @return an unmodifiable list
  List<SocketAddress> addresses();

  /// Whether this child runs in the JVM that called [Mpm], with no process of its own.
  ///
  /// @return false in a forked child
  boolean inProcess();

  /// Whether this child has stopped accepting and ends when its connections do.
  ///
  /// @return true from the beginning of the drain on
  boolean draining();

  /// What the whole server looks like now, as [Mpm#status()] tells in the supervisor. Takes about a
  /// microsecond for each worker of the server.
  ///
  /// @return a snapshot
  /// @throws IllegalStateException if the server runs in-process and has ended
  MpmStatus status();
}
