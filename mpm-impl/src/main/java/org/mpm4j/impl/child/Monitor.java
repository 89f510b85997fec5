package org.mpm4j.impl.child;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.FlightRecorder;
import org.mpm4j.impl.scoreboard.ProcessScore;

/// Watches over a child once in a while: says in the scoreboard that it is alive, ends threads that
/// are not needed, looks for requests that take too long, and for the child's own age.
final class Monitor {
  /*
   * Overview: start() has a Pulse call tick() until close(). What is due is decided by
   * RequestTimeouts, Surplus and Age, which know no thread.
   *
   * Ownership: everything here belongs to the thread that ticks. Of a run it uses what
   * WorkerActivity lets any thread read, and believes what it has gathered (stack, client) only if the
   * run is still the same.
   */

  static final long LONGEST_TICK = 1_000_000_000;
  private static final long SHORTEST_TICK = 50_000_000;

  // a request is found late by at most this part of its timeout
  private static final int TICKS_PER_TIMEOUT = 8;

  /// What was done about the run of one worker.
  private static final class Watch {
    long run;
    boolean logged;
    boolean interrupted;
    boolean stuck;
    long interruptedAt;

    void begin(long id) {
      run = id;
      logged = false;
      interrupted = false;
      stuck = false;
    }
  }

  private final Service service;
  private final Engine engine;
  private final ProcessScore score;
  private final Age age;
  private final Child.Owner owner;
  private final Surplus surplus;
  private final Consumer<String> slowLog;
  private final Pulse pulse;

  // the thread that ticks
  private final Watch[] watches;
  private boolean gaveUp;

  /// @param slowLog takes what there is to say about slow requests
  /// @param owner whom to tell that the child should be replaced
  Monitor(
      Service service,
      Engine engine,
      ProcessScore score,
      Recycling recycling,
      Surplus surplus,
      Consumer<String> slowLog,
      Child.Owner owner) {
    this.service = service;
    this.engine = engine;
    this.score = score;
    this.age = new Age(recycling, owner);
    this.owner = owner;
    this.surplus = surplus;
    this.slowLog = slowLog;
    this.pulse = new Pulse(tickNanos(service.requestTimeouts), service.nanoTime, this::tick);
    this.watches = new Watch[engine.threads().most()];
    for (int i = 0; i < watches.length; i++) {
      watches[i] = new Watch();
    }
  }

  void start() {
    pulse.start();
  }

  /// Ends the thread, and waits for it.
  void close() {
    pulse.close();
  }

  /// How long to wait between two looks.
  static long tickNanos(RequestTimeouts timeouts) {
    long nanos = LONGEST_TICK;
    for (long timeout : new long[] {timeouts.slowLog(), timeouts.terminate()}) {
      if (timeout > 0) {
        nanos = Math.min(nanos, timeout / TICKS_PER_TIMEOUT);
      }
    }
    return Math.max(SHORTEST_TICK, nanos);
  }

  /// Looks once. One thread at a time.
  void tick(long now) {
    score.heartbeat(now);
    int idle = surplus.look(engine.spare(), now);
    if (idle > 0) {
      engine.retire(idle);
    }
    age.look(now);
    if (service.requestTimeouts.any()) {
      watchRequests(now);
    }
  }

  private void watchRequests(long now) {
    int stuck = 0;
    for (int worker = 0; worker < watches.length; worker++) {
      WorkerActivity activity = engine.threads().activity(worker);
      WorkerActivity.Run run = activity == null ? null : activity.run();
      if (activity != null && run != null && watch(watches[worker], activity, run, now)) {
        stuck++;
      }
    }
    if (stuck > 0 && service.draining() && score.connections() <= stuck && !gaveUp) {
      gaveUp = true;
      owner.stuck(stuck + " requests do not end although their threads were interrupted");
    }
  }

  /// Does what is due about a run.
  ///
  /// @return whether it is stuck
  private boolean watch(Watch watch, WorkerActivity activity, WorkerActivity.Run run, long now) {
    if (watch.run != run.id()) {
      watch.begin(run.id());
    }
    RequestTimeouts timeouts = service.requestTimeouts;
    long start = run.start();
    if (!watch.logged && timeouts.logs(start, run.notBefore(), now)) {
      watch.logged = log(activity, run, now);
    }
    if (!watch.interrupted && timeouts.interrupts(start, run.notBefore(), now)) {
      watch.interruptedAt = now;
      watch.interrupted = activity.interrupt(run.id());
      if (watch.interrupted) {
        slowLog.accept(name(run) + " runs for " + seconds(now - start) + ": interrupted");
      }
    } else if (watch.interrupted
        && !watch.stuck
        && RequestTimeouts.isStuck(watch.interruptedAt, run.notBefore(), now)) {
      watch.stuck = true;
      owner.recycleDue(name(run) + " runs for " + seconds(now - start) + ": terminating");
    }
    return watch.stuck;
  }

  private boolean log(WorkerActivity activity, WorkerActivity.Run run, long now) {
    StackTraceElement[] stack = activity.stack();
    String client = client(run);
    if (!activity.isStill(run.id())) {
      return false; // over meanwhile, so the stack may be another run's
    }
    String frames = Stream.of(stack).map(frame -> "\n\tat " + frame).collect(Collectors.joining());
    long elapsed = now - run.start();
    slowLog.accept(
        "slow " + name(client) + " runs for " + seconds(elapsed) + " in " + activity + frames);
    if (FlightRecorder.isInitialized()) {
      new SlowRequest(client, activity.toString(), elapsed, frames.strip()).commit();
    }
    return true;
  }

  private String name(WorkerActivity.Run run) {
    return name(client(run));
  }

  private static String name(String client) {
    return client.isEmpty() ? "request" : "request of " + client;
  }

  /// The client's address, or empty if it is gone.
  private String client(WorkerActivity.Run run) {
    try {
      return service.os.getpeername(run.connection().fd()).toString();
    } catch (IOException _) {
      return "";
    }
  }

  static String seconds(long nanos) {
    return Duration.ofMillis(nanos / 1_000_000).toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
