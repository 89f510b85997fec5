package org.mpm4j.impl.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mpm4j.impl.os.FaultySyscalls;
import org.mpm4j.impl.os.FaultySyscalls.Call;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.OpenDescriptors;

@ExtendWith(OpenDescriptors.class)
final class ControlSocketTest {
  @SuppressWarnings("try") // closes one end early
  @Test
  void framesSurviveShortSendsAndReceives() throws Exception {
    FaultySyscalls os = new FaultySyscalls(Linux.open());
    int[] pair = new int[2];
    assertEquals(0, os.socketpair(pair));
    List<ControlMessage> sent =
        List.of(
            new ControlMessage.Serve(3, 1, "a.B", "Listen 80\nä\n", 2),
            new ControlMessage.Failed("why", "trace"),
            new ControlMessage.Accept(true),
            new ControlMessage.Drain(true),
            new ControlMessage.DumpThreads(),
            new ControlMessage.Ready(),
            new ControlMessage.Draining("out of memory"),
            new ControlMessage.RecycleDue("old"),
            new ControlMessage.ThreadDump("main"));
    List<ControlMessage> received = new ArrayList<>();
    try (ControlSocket one = new ControlSocket(os, pair[0]);
        ControlSocket other = new ControlSocket(os, pair[1])) {
      os.limit(Call.SEND, 1, 2, 3, 1);
      for (ControlMessage message : sent) {
        one.send(message);
      }
      os.limit(Call.RECV, 1, 1, 1, 1, 1, 5, 2);
      while (received.size() < sent.size()) {
        received.addAll(other.receive());
      }
      assertEquals(sent, received);
      one.close();
      assertEquals(List.of(), other.receive());
      assertTrue(other.ended());
    }
  }
}
