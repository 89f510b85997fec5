package org.mpm4j.ctl;

import java.util.List;

/// What a server answered to a command.
///
/// @param code `ok`, or why it was not done, such as `refused`
/// @param text in words for the operator; may have several lines
/// @param data what was asked for
public record ControlReply(String code, String text, List<String> data) {
  private static final String OK = "ok";

  /// Copies the list.
  public ControlReply {
    data = List.copyOf(data);
  }

  static ControlReply ok(String text, List<String> data) {
    return new ControlReply(OK, text, data);
  }

  /// Whether the command was done.
  ///
  /// @return whether
  public boolean ok() {
    return code.equals(OK);
  }
}
