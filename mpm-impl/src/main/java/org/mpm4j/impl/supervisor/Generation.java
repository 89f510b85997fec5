package org.mpm4j.impl.supervisor;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.mpm4j.MpmConfig;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.control.Descriptors;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.SpawnRequest;

/// One configuration with what its children are started with. Immutable.
///
/// @param number 0 at first, one more with each reload or restart, successful or not
/// @param config the configuration
/// @param application the name of the class that children build
/// @param command how they are started
/// @param listeners what they accept from
record Generation(
    int number,
    MpmConfig config,
    String application,
    ChildCommand command,
    List<ListenSocket> listeners) {
  List<SocketAddress> addresses() {
    return listeners.stream().map(ListenSocket::localAddress).toList();
  }

  ControlMessage.Serve serve(int slot) {
    return new ControlMessage.Serve(
        slot, number, application, config.toDirectives(), listeners.size());
  }

  /// The process to start; its control socket and output are still open.
  ///
  /// @param scoreboardFd a descriptor of the scoreboard's file
  SpawnRequest request(int slot, int scoreboardFd) {
    List<Integer> descriptors = new ArrayList<>();
    descriptors.addAll(List.of(-1, -1, -1, -1, scoreboardFd, 1, 2));
    assert descriptors.size() == Descriptors.FIRST_LISTENER;
    listeners.forEach(listener -> descriptors.add(listener.fd()));
    return new SpawnRequest(
        command.executable(),
        command.arguments(config, slot),
        command.environment(config),
        descriptors,
        true);
  }

  /// Whether a connection that waits for a child of this generation may find none in `next`.
  boolean dropsListener(Generation next) {
    return !next.listeners.containsAll(listeners);
  }
}
