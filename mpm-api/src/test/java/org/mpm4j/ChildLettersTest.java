package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One letter for each worker, whatever threads there are.
class ChildLettersTest {
  @ParameterizedTest
  @CsvSource({
    "READY, '', ____",
    "READY, W, W___",
    "READY, _W_K, _W_K",
    "READY, .RC., _RC_",
    "READY, S___, ____", // it starts, to take work
    "READY, _WRKC, WRKC", // the fifth thread listens
    "READY, WW_RK, WWRK",
    "READY, WWWWW, WWWW",
    "STARTING, '', SSSS",
    "RETIRING, _WK_, .GG.",
    "DRAINING, RW, GG..",
  })
  void thereIsOneForEachWorker(MpmStatus.State state, String threads, String letters) {
    List<MpmStatus.Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads.length(); i++) {
      workers.add(
          new MpmStatus.Worker(
              status(threads.charAt(i)), MpmStatus.Counters.NONE, "", "", Duration.ZERO));
    }
    MpmStatus.Child child =
        new MpmStatus.Child(
            new ChildId(0, 1, 0),
            state,
            "",
            Duration.ZERO,
            0,
            0,
            4,
            0,
            MpmStatus.Connections.NONE,
            MpmStatus.Counters.NONE,
            workers);
    assertEquals(letters, child.letters());
  }

  private static WorkerStatus status(char letter) {
    for (WorkerStatus status : WorkerStatus.values()) {
      if (status.letter() == letter) {
        return status;
      }
    }
    throw new IllegalArgumentException("letter " + letter);
  }
}
