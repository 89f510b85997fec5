package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.control.ControlSocket;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.ExitStatus;
import org.mpm4j.impl.os.Signals;
import org.mpm4j.impl.os.SpawnRequest;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.ProcessState;

/// One child process from its start until it is reaped. The supervisor's thread only.
final class ChildProcess {
  private final Syscalls os;
  private final int slot;
  private final int pid;
  private final int pidfd;
  private final ControlSocket control;
  private final ProcessScore score;
  private final long startedAt;
  private ProcessState state = ProcessState.STARTING;
  private ControlMessage.@Nullable Failed failure;

  private ChildProcess(
      Syscalls os,
      int slot,
      int pid,
      int pidfd,
      ControlSocket control,
      ProcessScore score,
      long startedAt) {
    this.os = os;
    this.slot = slot;
    this.pid = pid;
    this.pidfd = pidfd;
    this.control = control;
    this.score = score;
    this.startedAt = startedAt;
  }

  /// Starts a process and tells it what to serve.
  ///
  /// @param request the program; its descriptor 3 is replaced by the control socket
  /// @param now nanoseconds
  /// @throws IOException if there is no process; nothing is left of the attempt
  static ChildProcess spawn(
      Syscalls os, SpawnRequest request, ControlMessage.Serve serve, ProcessScore score, long now)
      throws IOException {
    int[] pair = new int[2];
    check("could not create a control socket", os.socketpair(pair));
    ControlSocket control = new ControlSocket(os, pair[0]);
    int pid = -1;
    int pidfd = -1;
    try {
      check("could not prepare a control socket", os.setNonBlocking(pair[0], true));
      pid = os.posixSpawn(withControl(request, pair[1]));
      check("could not start " + request.executable(), pid);
      pidfd = os.pidfdOpen(pid);
      check("could not watch process " + pid, pidfd);
      score.assign(pid, serve.generation());
      control.send(serve);
      return new ChildProcess(os, serve.slot(), pid, pidfd, control, score, now);
    } catch (IOException e) {
      control.close();
      if (pid > 0) {
        os.killpg(pid, Signals.KILL);
        os.waitpid(pid, false, new int[1]);
      }
      if (pidfd >= 0) {
        os.close(pidfd);
      }
      score.state(ProcessState.FREE);
      throw e;
    } finally {
      os.close(pair[1]);
    }
  }

  private static SpawnRequest withControl(SpawnRequest request, int controlFd) {
    List<Integer> descriptors = new ArrayList<>(request.descriptors());
    descriptors.set(3, controlFd);
    return new SpawnRequest(
        request.executable(),
        request.arguments(),
        request.environment(),
        descriptors,
        request.newProcessGroup());
  }

  private static void check(String what, int result) throws IOException {
    if (result < 0) {
      throw Errno.exception(what, result);
    }
  }

  int slot() {
    return slot;
  }

  int pid() {
    return pid;
  }

  int pidfd() {
    return pidfd;
  }

  ControlSocket control() {
    return control;
  }

  long startedAt() {
    return startedAt;
  }

  ProcessState state() {
    return state;
  }

  void state(ProcessState value) {
    state = value;
    score.state(value);
  }

  /// What it said before it ended, if it could not serve.
  ControlMessage.@Nullable Failed failure() {
    return failure;
  }

  void failure(ControlMessage.Failed value) {
    failure = value;
  }

  /// Asks it to serve out what it has. That it is gone already shows elsewhere.
  void drain() {
    state(ProcessState.DRAINING);
    try {
      control.send(new ControlMessage.Drain(false));
    } catch (IOException _) {
      // its end is on its way through the pidfd
    }
  }

  /// Signals it and the processes that it has started.
  void kill(int signal) {
    os.killpg(pid, signal);
  }

  /// Collects its exit, which the pidfd has reported, and ends what it left running.
  ExitStatus reap() {
    os.killpg(pid, Signals.KILL); // before the wait: until then the group's id is not reused
    int[] status = new int[1];
    os.waitpid(pid, false, status);
    os.close(pidfd);
    control.close();
    state(ProcessState.FREE);
    return ExitStatus.ofWaitStatus(status[0]);
  }

  @Override
  public String toString() {
    return "child " + slot + " (pid " + pid + ")";
  }
}
