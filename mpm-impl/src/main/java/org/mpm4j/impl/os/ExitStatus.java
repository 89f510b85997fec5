package org.mpm4j.impl.os;

/// How a process ended.
public sealed interface ExitStatus {

  /// It called `exit`.
  record Exited(int code) implements ExitStatus {
    @Override
    public String toString() {
      return "exit status " + code;
    }
  }

  /// A signal ended it.
  record Signaled(int signal) implements ExitStatus {
    @Override
    public String toString() {
      return "killed by signal " + signal + " (" + Signals.name(signal) + ")";
    }
  }

  /// Decodes what [Syscalls#waitpid] reported. The child was not asked to be traced or to report
  /// stops, so it has exited (bits/waitstatus.h: low seven bits zero) or was killed.
  static ExitStatus ofWaitStatus(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new Exited((status >> 8) & 0xff) : new Signaled(signal);
  }
}
