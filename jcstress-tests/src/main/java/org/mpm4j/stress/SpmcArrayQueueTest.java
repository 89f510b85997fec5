package org.mpm4j.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// What a hand-off from one listener to many workers relies on in [SpmcVarHandleArrayQueue].
///
/// Two actors at most in a test: jcstress leaves out a test that has more actors than the machine
/// has CPUs.
public final class SpmcArrayQueueTest {
  private static final int EMPTY = -1;

  private SpmcArrayQueueTest() {}

  /// Whoever takes a message sees what the producer wrote into its plain field before the offer.
  @JCStressTest
  @Outcome(
      id = "-1",
      expect = ACCEPTABLE,
      desc = "The consumer looked before the message was published.")
  @Outcome(
      id = "42",
      expect = ACCEPTABLE,
      desc = "The consumer took the message and saw its contents.")
  @Outcome(expect = FORBIDDEN, desc = "The consumer took the message and did not see its contents.")
  @State
  public static class Publication {
    private final SpmcVarHandleArrayQueue<Message> queue = new SpmcVarHandleArrayQueue<>(2);

    @Actor
    public void producer() {
      Message message = new Message();
      message.contents = 42;
      queue.offer(message);
    }

    @Actor
    public void consumer(I_Result seen) {
      seen.r1 = contentsOf(queue.poll());
    }
  }

  /// Two consumers that compete for two messages take one each, in whichever order.
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "Each consumer took a message of its own.")
  @Outcome(
      id = {"1, 1", "2, 2"},
      expect = FORBIDDEN,
      desc = "Both consumers took the same message.")
  @Outcome(expect = FORBIDDEN, desc = "A consumer found the queue empty while a message was in it.")
  @State
  public static class TakenOnce {
    private final SpmcVarHandleArrayQueue<Message> queue = new SpmcVarHandleArrayQueue<>(2);

    public TakenOnce() {
      for (int contents = 1; contents <= 2; contents++) {
        Message message = new Message();
        message.contents = contents;
        queue.offer(message);
      }
    }

    @Actor
    public void consumer1(II_Result seen) {
      seen.r1 = contentsOf(queue.poll());
    }

    @Actor
    public void consumer2(II_Result seen) {
      seen.r2 = contentsOf(queue.poll());
    }
  }

  private static int contentsOf(@Nullable Message message) {
    return message == null ? EMPTY : message.contents;
  }

  /// Its field is plain, so that only the queue can order it.
  private static final class Message {
    int contents;
  }
}
