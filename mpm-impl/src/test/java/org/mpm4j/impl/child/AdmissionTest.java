package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The rules by which a child takes connections and wakes workers.
final class AdmissionTest {
  @Test
  void admitsWhileAWorkerIsIdleAndTheFactorAllows() {
    Admission admission = new Admission(10, 1.5);
    assertFalse(admission.admits(0, 0));
    assertTrue(admission.admits(1, 11));
    assertFalse(admission.admits(1, 12));
    assertTrue(admission.admits(10, 24));
    assertFalse(admission.admits(10, 25));
  }

  @Test
  void wakesTheWorkerThatBecameIdleLast() {
    IdleWorkers idle = new IdleWorkers(8);
    Deque<Integer> model = new ArrayDeque<>();
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      int worker = random.nextInt(8);
      if (random.nextBoolean() && !model.contains(worker)) {
        idle.push(worker);
        model.push(worker);
      } else {
        assertEquals(model.isEmpty() ? -1 : model.pop(), idle.tryPop());
      }
      assertEquals(model.size(), idle.count());
    }
  }
}
