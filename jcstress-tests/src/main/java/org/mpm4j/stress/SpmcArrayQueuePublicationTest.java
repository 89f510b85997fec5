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

/// A message offered to a [SpmcVarHandleArrayQueue] is taken by one consumer at most, and whoever
/// takes it sees what the producer wrote into its plain field before the offer.
///
/// A connection's plain state relies on this when the listener hands it to a worker.
@JCStressTest
@Outcome(
    id = "-1, -1",
    expect = ACCEPTABLE,
    desc = "Both consumers looked before the message was published.")
@Outcome(
    id = {"42, -1", "-1, 42"},
    expect = ACCEPTABLE,
    desc = "One consumer took the message and saw its contents.")
@Outcome(id = "42, 42", expect = FORBIDDEN, desc = "Both consumers took the same message.")
@Outcome(expect = FORBIDDEN, desc = "A consumer took the message and did not see its contents.")
@State
public class SpmcArrayQueuePublicationTest {
  private static final int EMPTY = -1;

  private final SpmcVarHandleArrayQueue<Message> queue = new SpmcVarHandleArrayQueue<>(2);

  @Actor
  public void producer() {
    Message message = new Message();
    message.contents = 42;
    queue.offer(message);
  }

  @Actor
  public void consumer1(II_Result seen) {
    seen.r1 = contentsOf(queue.poll());
  }

  @Actor
  public void consumer2(II_Result seen) {
    seen.r2 = contentsOf(queue.poll());
  }

  private static int contentsOf(@Nullable Message message) {
    return message == null ? EMPTY : message.contents;
  }

  /// Its field is plain, so that only the queue can order it.
  private static final class Message {
    int contents;
  }
}
