package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ProcessModel;
import org.mpm4j.impl.child.EngineRig.Client;

/// The rules by which a child takes connections and wakes workers.
final class AdmissionTest {
  @Test
  void admitsWhileAWorkerIsIdleAndTheFactorAllows() {
    Admission admission = Admission.of(10, 1.5, 2);
    assertFalse(admission.admits(0, 0));
    assertTrue(admission.admits(1, 11));
    assertFalse(admission.admits(1, 12));
    assertTrue(admission.admits(10, 24));
    assertFalse(admission.admits(10, 25));
  }

  @Test
  void admitsInTurnUpToWhatIdleWorkersWouldAllow() {
    Admission admission = Admission.of(10, 1.5, 2);
    assertFalse(admission.admitsInTurn(Admission.SHARED_TURN - 1, 0));
    assertTrue(admission.admitsInTurn(Admission.SHARED_TURN, 24));
    assertFalse(admission.admitsInTurn(Admission.SHARED_TURN, 25));
  }

  @Test
  void admitsAtOnceWhereNoSiblingCouldTakeTheClient() {
    Admission admission = Admission.of(10, 1.5, 1);
    assertTrue(admission.admitsInTurn(0, 24));
    assertFalse(admission.admitsInTurn(0, 25));
  }

  @Test
  void acceptsAtOnceThoughAllWorkersBlockWhereNoSiblingCouldTakeTheClient(@TempDir Path directory)
      throws Exception {
    try (EngineRig rig = new EngineRig(ProcessModel.EVENT, directory, 1).start()) {
      List<Client> blocking = new ArrayList<>();
      for (int i = 0; i < EngineRig.THREADS; i++) {
        Client client = rig.connect();
        client.send("wait");
        blocking.add(client);
      }
      EngineRig.await(() -> rig.go.getQueueLength() == EngineRig.THREADS);
      try (Client late = rig.connect()) {
        late.send("hello");
        EngineRig.await(() -> rig.score.connections() == EngineRig.THREADS + 1);
        rig.go.release(EngineRig.THREADS);
        assertEquals("hello keep", late.line());
      }
      for (Client client : blocking) {
        client.close();
      }
    }
  }

  @Test
  void acceptsThoughKeptConnectionsLeaveNoWorkerIdle(@TempDir Path directory) throws Exception {
    try (EngineRig rig = new EngineRig(ProcessModel.EVENT, directory).start()) {
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < EngineRig.THREADS + Admission.SHARED_TURN; i++) {
        Client client = rig.connect();
        assertEquals("hello keep", client.ask("hello"));
        clients.add(client);
      }
      List<Client> blocking = clients.subList(0, EngineRig.THREADS);
      List<Client> kept = clients.subList(EngineRig.THREADS, clients.size());
      for (Client client : blocking) {
        client.send("wait");
      }
      EngineRig.await(() -> rig.go.getQueueLength() == EngineRig.THREADS);
      for (Client client : kept) {
        client.send("hello");
      }
      try (Client late = rig.connect()) {
        late.send("hello");
        EngineRig.await(() -> rig.score.connections() == clients.size() + 1);
        rig.go.release(EngineRig.THREADS);
        assertEquals("hello keep", late.line());
      }
      for (Client client : clients) {
        client.close();
      }
    }
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
