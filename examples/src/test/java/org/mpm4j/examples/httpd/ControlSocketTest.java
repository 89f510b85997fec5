package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ChildId;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleListener;
import org.mpm4j.Mpm;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.ctl.ControlClient;
import org.mpm4j.ctl.ControlReply;
import org.mpm4j.impl.operator.ControlServer;

/// Both ends of the control socket: what the server says is what the client reads.
@Timeout(60)
final class ControlSocketTest {
  @TempDir Path folder;

  private final List<LifecycleListener> listeners = new CopyOnWriteArrayList<>();
  private final Mpm mpm =
      (Mpm)
          Proxy.newProxyInstance(
              Mpm.class.getClassLoader(),
              new Class<?>[] {Mpm.class},
              (_, method, arguments) ->
                  switch (method.getName()) {
                    case "addListener" -> listeners.add((LifecycleListener) arguments[0]);
                    case "reload" -> {
                      ChildId child = new ChildId(0, 7, 1);
                      listeners.forEach(it -> it.on(new LifecycleEvent.ChildStarted(child, "x")));
                      yield new ReloadVerdict.RolledBack(1, "C:\\new", "a\n\tb\n");
                    }
                    case "restart" -> new ReloadVerdict.Succeeded(2, Duration.ofMillis(5));
                    case "threadDump" -> "\"main\"\n\n\tat x\\y\n";
                    default -> throw new UnsupportedOperationException(method.getName());
                  });

  @Test
  void textIsTheSameAtBothEnds() throws Exception {
    Path socket = folder.resolve("s.sock");
    try (ControlServer _ = ControlServer.open(socket, mpm)) {
      ControlClient client = new ControlClient(socket);
      List<String> progress = new ArrayList<>();
      assertEquals(
          new ControlReply("rolled-back", "C:\\new\na\n\tb", List.of()),
          client.send("reload", null, progress::add));
      assertEquals(List.of("child 0 (pid 7, generation 1) started: x"), progress);
      assertEquals("generation 2 serves after 5 ms", client.send("restart", null, _ -> {}).text());
      assertEquals(
          List.of("child 0", "line \"main\"", "line ", "line \tat x\\y"),
          client.send("threads 0", null, _ -> {}).data());
      assertEquals("unsupported", client.send("scale 1", null, _ -> {}).code());
      assertEquals("usage", client.send("bogus", null, _ -> {}).code());
    }
  }
}
