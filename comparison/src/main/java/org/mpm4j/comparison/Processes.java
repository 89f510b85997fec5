package org.mpm4j.comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Starts processes, and ends every one of them with this one.
///
/// An orderly end and Ctrl-C end them in a shutdown hook; they also get TERM if this process is
/// killed (`setpriv`). Each is the first of a session of its own (`setsid`), since httpd sends TERM
/// to its whole process group when it stops. Both programs are of util-linux.
final class Processes implements AutoCloseable {
  private static final List<String> PREFIX =
      List.of("/usr/bin/setpriv", "--pdeathsig", "TERM", "--", "/usr/bin/setsid");
  private static final int ROUNDS = 3;
  private static final int PATIENCE_SECONDS = 5;

  private final Set<Process> started = ConcurrentHashMap.newKeySet();
  private final Thread hook = new Thread(this::endAll, "end-processes");
  private final Runnable afterwards;
  private boolean ending; // guarded by this

  /// @param afterwards runs when all have ended; it must be able to run twice
  Processes(Runnable afterwards) {
    this.afterwards = afterwards;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Starts a process. The thread that calls must live as long as it.
  ///
  /// @throws InterruptedException if all are being ended, so that none is started behind their back
  synchronized Process start(ProcessBuilder builder) throws IOException, InterruptedException {
    if (ending) {
      throw new InterruptedException("everything is being ended");
    }
    List<String> command = new ArrayList<>(PREFIX);
    command.addAll(builder.command());
    builder.command(command);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /// Ends a process and all below it: TERM, twice if need be, then KILL.
  void end(Process process) {
    List<ProcessHandle> tree = new ProcessTree(process.toHandle()).processes();
    try {
      for (int i = 0; i < ROUNDS && process.isAlive(); i++) {
        process.destroy();
        if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          break;
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    tree.forEach(ProcessHandle::destroyForcibly);
    started.remove(process);
  }

  private void endAll() {
    synchronized (this) {
      ending = true;
    }
    List.copyOf(started).forEach(this::end);
    afterwards.run();
  }

  @Override
  public void close() {
    endAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // it is running
    }
  }
}
