package org.mpm4j.impl.operator;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/// Who may use the control socket, whatever becomes of its permissions: the user of this process,
/// and root.
final class ControlPeers {
  private final Set<UserPrincipal> allowed;

  private ControlPeers(Set<UserPrincipal> allowed) {
    this.allowed = allowed;
  }

  /// @param own a file that this process has made
  static ControlPeers ofOwner(Path own) throws IOException {
    Set<UserPrincipal> users = new HashSet<>();
    users.add(Files.getOwner(own));
    // a number where there is no such name
    users.add(FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0"));
    return new ControlPeers(users);
  }

  boolean allowed(SocketChannel channel) throws IOException {
    return allowed.contains(channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user());
  }
}
