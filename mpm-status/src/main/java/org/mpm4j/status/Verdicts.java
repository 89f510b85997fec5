package org.mpm4j.status;

import org.mpm4j.ReloadVerdict;

/// How a reload came out, in the words of the control socket.
final class Verdicts {
  private Verdicts() {}

  static String word(ReloadVerdict verdict) {
    return switch (verdict) {
      case ReloadVerdict.Succeeded _ -> "succeeded";
      case ReloadVerdict.Refused _ -> "refused";
      case ReloadVerdict.RolledBack _ -> "rolled-back";
    };
  }

  /// The reason, or empty.
  static String why(ReloadVerdict verdict) {
    return switch (verdict) {
      case ReloadVerdict.Succeeded _ -> "";
      case ReloadVerdict.Refused it -> it.reason();
      case ReloadVerdict.RolledBack it -> it.reason();
    };
  }
}
