package org.mpm4j.impl.child;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.mpm4j.ServerLoad.Exchange;
import org.mpm4j.impl.scoreboard.HeapScoreboard;
import org.mpm4j.impl.scoreboard.ProcessScore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/// The worker records of a hosted server, which belong to one exchange at a time: [HostedLoad].
public final class HostedLoadStressTest {
  private static final int BYTES = 7;

  private HostedLoadStressTest() {}

  static class Load {
    final ProcessScore score = HeapScoreboard.open().process(0);
    final HostedLoad load = new HostedLoad(score, 1, () -> Parts.NOW, () -> false);

    final void serve() {
      try (Exchange exchange = load.begin()) {
        exchange.sent(BYTES);
      }
    }

    /// What the one worker's record and the one of all others have counted.
    final String counted() {
      var counters = score.worker(0).counters().plus(score.worker(1).counters());
      return counters.accesses() + " accesses, " + counters.bytes() + " bytes";
    }
  }

  /// Two exchanges want the one record there is. Its counters are added to without an atomic
  /// operation, so two owners at once, or one that does not see what the last one has counted,
  /// would lose an exchange.
  @JCStressTest
  @Outcome(
      id = "0, 2 accesses, 14 bytes",
      expect = ACCEPTABLE,
      desc = "Both are counted, in one record after the other or in one each.")
  @Outcome(expect = FORBIDDEN, desc = "The record had two owners.")
  @State
  public static class TwoExchanges extends Load {
    @Actor
    public void one() {
      serve();
    }

    @Actor
    public void other() {
      serve();
    }

    @Arbiter
    public void after(LL_Result seen) {
      seen.r1 = load.exchanges();
      seen.r2 = counted();
    }
  }

  /// Two threads of the server end the same exchange.
  @JCStressTest
  @Outcome(id = "0, 1 accesses, 7 bytes", expect = ACCEPTABLE, desc = "It has ended once.")
  @Outcome(expect = FORBIDDEN, desc = "It was counted twice, or its record was given back twice.")
  @State
  public static class EndedTwice extends Load {
    private final Exchange exchange = load.begin();

    public EndedTwice() {
      exchange.sent(BYTES);
    }

    @Actor
    public void one() {
      exchange.close();
    }

    @Actor
    public void other() {
      exchange.close();
    }

    @Arbiter
    public void after(LL_Result seen) {
      seen.r1 = load.exchanges();
      seen.r2 = counted();
    }
  }

  /// A connection is said to be closed by one thread too many while another one is opened.
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 0"},
      expect = ACCEPTABLE,
      desc = "The surplus call found the new connection or none.")
  @Outcome(expect = FORBIDDEN, desc = "The scoreboard has another number, or fewer than none.")
  @State
  public static class ClosedTooOften extends Load {
    @Actor
    public void opens() {
      load.connectionOpened();
    }

    @Actor
    public void closes() {
      load.connectionClosed();
    }

    @Arbiter
    public void after(LL_Result seen) {
      seen.r1 = score.connections();
      load.connectionClosed();
      seen.r2 = score.connections();
    }
  }
}
