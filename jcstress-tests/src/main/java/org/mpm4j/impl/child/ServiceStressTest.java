package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.mpm4j.impl.os.Syscalls;
import org.mpm4j.stress.QuietKernel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/// What the threads of a child tell each other once, and what they hand back.
public final class ServiceStressTest {
  private ServiceStressTest() {}

  /// The child is told to take the backlog, and to drain.
  @JCStressTest
  @Outcome(id = "false, .*", expect = ACCEPTABLE, desc = "The child does not drain yet.")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "It drains and knows of the backlog.")
  @Outcome(
      id = "true, false",
      expect = FORBIDDEN,
      desc = "It drains and leaves in the backlog what nobody else accepts.")
  @State
  public static class BacklogBesideDrain {
    private final Service service = Parts.service();

    @Actor
    public void control() {
      service.takeBacklog();
      service.drain.raise();
    }

    @Actor
    public void listener(ZZ_Result saw) {
      saw.r1 = service.draining();
      saw.r2 = service.takesBacklog();
    }
  }

  /// An interruption is raised while somebody waits for its descriptor.
  @JCStressTest
  @Outcome(id = "false, .*", expect = ACCEPTABLE, desc = "The descriptor is not readable yet.")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "It is, and the flag is up.")
  @Outcome(
      id = "true, false",
      expect = FORBIDDEN,
      desc = "A thread was woken for something that it does not see.")
  @State
  public static class RaiseBesideWait {
    private volatile boolean readable;
    private final Interruption interruption = open();

    private Interruption open() {
      Syscalls kernel =
          new QuietKernel() {
            @Override
            protected int write() {
              readable = true;
              return Long.BYTES;
            }
          }.calls();
      try {
        return Interruption.open(kernel);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Actor
    public void raises() {
      interruption.raise();
    }

    @Actor
    public void waits(ZZ_Result saw) {
      saw.r1 = readable;
      saw.r2 = interruption.raised();
    }
  }

  /// Two threads accept the last two connections of a child that is to be replaced after them.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "One of them says that the limit is reached.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "None says it: the child is never replaced.")
  @Outcome(expect = FORBIDDEN, desc = "It is said twice.")
  @State
  public static class LimitReached {
    private final AtomicInteger reached = new AtomicInteger();
    private final ChildLoad load = Parts.load(2, reached::incrementAndGet);

    @Actor
    public void worker1() {
      load.accepted();
    }

    @Actor
    public void worker2() {
      load.accepted();
    }

    @Arbiter
    public void told(I_Result times) {
      times.r1 = reached.get();
    }
  }

  /// Two workers give a connection back each, more than a chunk of the queue holds.
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "Both connections are there, each once, with what was written to them.")
  @Outcome(expect = FORBIDDEN, desc = "A connection was lost, or came without its contents.")
  @State
  public static class HandedBackByTwo {
    private final MpscUnboundedVarHandleArrayQueue<int[]> handBack =
        new MpscUnboundedVarHandleArrayQueue<>(2);

    public HandedBackByTwo() {
      handBack.offer(new int[] {0});
    }

    @Actor
    public void worker1() {
      handBack.offer(new int[] {1});
    }

    @Actor
    public void worker2() {
      handBack.offer(new int[] {2});
    }

    @Arbiter
    public void listener(II_Result taken) {
      handBack.poll();
      taken.r1 = next();
      taken.r2 = next();
    }

    private int next() {
      int[] message = handBack.poll();
      return message == null ? -1 : message[0];
    }
  }

  /// The listener takes what a worker gives back: a queue that is also the supervisor's, for
  /// commands.
  @JCStressTest
  @Outcome(id = "-1, .*", expect = ACCEPTABLE, desc = "The listener came too early.")
  @Outcome(
      id = {"1, -1", "1, 2"},
      expect = ACCEPTABLE,
      desc = "The listener has taken them in the order in which they were given.")
  @Outcome(expect = FORBIDDEN, desc = "A connection came without its contents, or out of order.")
  @State
  public static class HandedBack {
    private final MpscUnboundedVarHandleArrayQueue<Message> handBack =
        new MpscUnboundedVarHandleArrayQueue<>(2);

    @Actor
    public void worker() {
      handBack.offer(new Message(1));
      handBack.offer(new Message(2));
    }

    @Actor
    public void listener(II_Result taken) {
      taken.r1 = next();
      taken.r2 = next();
    }

    private int next() {
      Message message = handBack.poll();
      return message == null ? -1 : message.contents;
    }

    /// Its field is plain and not final, so that only the queue can order it.
    private static final class Message {
      int contents;

      Message(int contents) {
        this.contents = contents;
      }
    }
  }
}
