package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildId;
import org.mpm4j.MpmStatus.State;
import org.mpm4j.impl.control.ControlMessage;
import org.mpm4j.impl.control.ControlSocket;
import org.mpm4j.impl.control.Descriptors;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.ExitStatus;
import org.mpm4j.impl.os.Signals;
import org.mpm4j.impl.os.SpawnRequest;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.mpm4j.impl.scoreboard.ProcessState;

/// One child process from its start until it is reaped. The supervisor's thread only.
final class ChildProcess {
  /*
   * Transitions:
   *   STARTING ─► READY ◄─► RETIRING        accept(false), accept(true)
   *      │          │          │
   *      └──────────┴──────────┴─► DRAINING  end(…): asked to end, then made to; see Ending
   * From each of them the process may be reaped.
   */

  private final Syscalls os;
  private final ChildId id;
  private final Generation generation;
  private final int pidfd;
  private final ControlSocket control;
  private final StartOutput output;
  private final ProcessScore score;
  private final long startedAt;

  private State state = State.STARTING;
  private String why = "";
  private long readyAt;
  private @Nullable Ending ending;
  private boolean forced;
  private ControlMessage.@Nullable Failed failure;

  /// Why it is to be replaced by another, or null.
  @Nullable String recycleDue;

  /// The child that it is to replace once it is ready, or null.
  @Nullable ChildProcess predecessor;

  /// When it was last seen with something to do.
  long idleSince;

  /// What has been observed of it.
  Vitals vitals = Vitals.NONE;

  private ChildProcess(
      Syscalls os,
      ChildId id,
      Generation generation,
      int pidfd,
      ControlSocket control,
      StartOutput output,
      ProcessScore score,
      long startedAt) {
    this.os = os;
    this.id = id;
    this.generation = generation;
    this.pidfd = pidfd;
    this.control = control;
    this.output = output;
    this.score = score;
    this.startedAt = startedAt;
  }

  /// Starts a process and tells it what to serve.
  ///
  /// @param scoreboardFd a descriptor of the scoreboard's file
  /// @param now nanoseconds of the supervisor's clock
  /// @throws IOException if there is no process; nothing is left of the attempt
  static ChildProcess spawn(
      Syscalls os, Generation generation, int slot, int scoreboardFd, ProcessScore score, long now)
      throws IOException {
    int[] pair = new int[2];
    int[] pipe = new int[2];
    check("could not create a control socket", os.socketpair(pair));
    ControlSocket control = new ControlSocket(os, pair[0]);
    int piped = os.pipe2(pipe, false);
    if (piped < 0) {
      control.close();
      os.close(pair[1]);
      throw Errno.exception("could not create a pipe", piped);
    }
    StartOutput output = new StartOutput(os, pipe[0]);
    int pid = -1;
    int pidfd = -1;
    try {
      check("could not prepare a control socket", os.setNonBlocking(pair[0], true));
      check("could not prepare a pipe", os.setNonBlocking(pipe[0], true));
      SpawnRequest request = generation.request(slot, scoreboardFd);
      pid = os.posixSpawn(with(request, pipe[1], pair[1]));
      check("could not start " + request.executable(), pid);
      pidfd = os.pidfdOpen(pid);
      check("could not watch process " + pid, pidfd);
      score.assign(
          pid, generation.number(), generation.config().threadsPerChild(), System.nanoTime());
      control.send(generation.serve(slot));
      ChildId id = new ChildId(slot, pid, generation.number());
      return new ChildProcess(os, id, generation, pidfd, control, output, score, now);
    } catch (IOException e) {
      control.close();
      output.close();
      if (pid > 0) {
        os.killpg(pid, Signals.KILL);
        os.waitpid(pid, false, new int[1]);
      }
      if (pidfd >= 0) {
        os.close(pidfd);
      }
      if (pid > 0) {
        score.free(String.valueOf(e.getMessage()));
      }
      throw e;
    } finally {
      os.close(pair[1]);
      os.close(pipe[1]);
    }
  }

  private static SpawnRequest with(SpawnRequest request, int output, int control) {
    List<Integer> descriptors = new ArrayList<>(request.descriptors());
    descriptors.set(Descriptors.OUTPUT, output);
    descriptors.set(Descriptors.ERROR, output);
    descriptors.set(Descriptors.CONTROL, control);
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

  ChildId id() {
    return id;
  }

  Generation generation() {
    return generation;
  }

  boolean isOf(Generation wanted) {
    return generation.number() == wanted.number();
  }

  int pidfd() {
    return pidfd;
  }

  ControlSocket control() {
    return control;
  }

  StartOutput output() {
    return output;
  }

  ProcessScore score() {
    return score;
  }

  long startedAt() {
    return startedAt;
  }

  long readyAt() {
    return readyAt;
  }

  State state() {
    return state;
  }

  boolean is(State wanted) {
    return state == wanted;
  }

  /// Whether it serves and will go on serving.
  boolean serves() {
    return state == State.READY || state == State.RETIRING;
  }

  /// Why it retires or drains.
  String why() {
    return why;
  }

  Ending.@Nullable Stage endingStage() {
    return ending == null ? null : ending.stage();
  }

  /// When its ending changes by itself, if it does.
  @Nullable Ending ending() {
    return ending;
  }

  /// Whether the supervisor ends it by force.
  boolean forced() {
    return forced;
  }

  /// What it said before it ended, if it could not serve.
  ControlMessage.@Nullable Failed failure() {
    return failure;
  }

  void failure(ControlMessage.Failed value) {
    failure = value;
  }

  void ready(long now) {
    state = State.READY;
    readyAt = now;
    idleSince = now;
    score.state(ProcessState.READY, "");
  }

  /// Tells it to accept, or to leave new connections to the others.
  void accept(boolean accepting, String reason) {
    state = accepting ? State.READY : State.RETIRING;
    why = accepting ? "" : reason;
    score.state(accepting ? ProcessState.READY : ProcessState.RETIRING, why);
    send(new ControlMessage.Accept(accepting));
  }

  /// It drains by its own decision.
  void drains(Ending value, String reason) {
    state = State.DRAINING;
    why = reason;
    ending = value;
    score.state(ProcessState.DRAINING, reason);
  }

  /// Asks it to serve out what it has and to end.
  void drain(Ending value, String reason, boolean backlogToo) {
    drains(value, reason);
    send(new ControlMessage.Drain(backlogToo));
  }

  /// Sends it SIGTERM, unless that was done before: SIGKILL follows in its time.
  void terminate(String reason, long now) {
    if (forced) {
      return;
    }
    drains(Ending.terminate(now), reason);
    forced = true;
    kill(Signals.TERM);
  }

  /// Goes on to end it, where it is time.
  ///
  /// @return the stage that has begun, or null
  Ending.@Nullable Stage advanceEnding(long now) {
    Ending before = ending;
    if (before == null) {
      return null;
    }
    Ending next = before.at(now);
    ending = next;
    if (next.equals(before)) {
      return null;
    }
    switch (next.stage()) {
      case DRAINING -> {}
      case DUMPING -> send(new ControlMessage.DumpThreads());
      case TERMINATING -> {
        forced = true;
        kill(Signals.TERM);
      }
      case KILLING -> {
        forced = true;
        kill(Signals.KILL);
      }
    }
    return next.stage();
  }

  /// Sends it a message. That it is gone already shows elsewhere.
  void send(ControlMessage message) {
    try {
      control.send(message);
    } catch (IOException _) {
      // its end is on its way through the pidfd
    }
  }

  /// Signals it and the processes that it has started.
  void kill(int signal) {
    os.killpg(id.pid(), signal);
  }

  /// Collects its exit, which the pidfd has reported, and ends what it left running.
  ExitStatus reap() {
    os.killpg(id.pid(), Signals.KILL); // before the wait: until then the group's id is not reused
    int[] status = new int[1];
    os.waitpid(id.pid(), false, status);
    os.close(pidfd);
    control.close();
    output.relay();
    output.close();
    ExitStatus exit = ExitStatus.ofWaitStatus(status[0]);
    score.free(exit.toString()); // nothing of it runs any more
    return exit;
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
