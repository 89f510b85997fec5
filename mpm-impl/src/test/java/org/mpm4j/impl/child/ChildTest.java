package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.Disposition;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;
import org.mpm4j.ServerApplication;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.FaultySyscalls;
import org.mpm4j.impl.os.FaultySyscalls.Call;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// A child as a forked one runs it, and a kernel that fails.
@Timeout(120)
final class ChildTest implements Child.Owner {
  private final FaultySyscalls os = new FaultySyscalls(Linux.open());
  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  @TempDir Path directory;

  @Override
  public void draining(String reason) {
    told.add("draining: " + reason);
  }

  @Override
  public void recycleDue(String reason) {
    told.add("recycle: " + reason);
  }

  @Override
  public void stuck(String reason) {
    told.add("stuck: " + reason);
  }

  /// Runs `clients` against a child with `application`, then expects that the child ends.
  private void serve(ProcessModel model, ServerApplication application, Clients clients)
      throws Exception {
    MpmConfig config =
        MpmConfig.builder(model)
            .listen("127.0.0.1:0")
            .maxConnectionsPerChild(3)
            .recycleJitter(0)
            .build();
    Path file = Files.createFile(directory.resolve("scoreboard"));
    try (ListenSocket listener =
            ListenSocket.bind(os, config.listen().getFirst(), 10, false, 0, 0);
        Scoreboard scoreboard = Scoreboard.create(file, model, 1, 100, 1)) {
      Child.Identity identity = new Child.Identity(0, 0, false, List.of(listener.localAddress()));
      Child child =
          Child.open(os, config, application, identity, scoreboard, List.of(listener.fd()), this);
      child.start();
      clients.run(child, (InetSocketAddress) listener.localAddress());
      assertTrue(child.awaitTermination(Duration.ofSeconds(60)));
      child.close();
      assertEquals(0, scoreboard.process(0).connections());
      assertEquals(0, scoreboard.process(0).threads());
      assertEquals(0, scoreboard.process(0).busyWorkers());
      assertTrue(scoreboard.process(0).heartbeat() != 0);
    }
  }

  private interface Clients {
    void run(Child child, InetSocketAddress address) throws Exception;
  }

  private static void askOnce(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address);
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write('x');
      var _ = socket.getInputStream().read();
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void saysOnceThatItShouldBeReplacedAndGoesOn(ProcessModel model) throws Exception {
    os.answer(Call.ACCEPT4, -Errno.EMFILE, -Errno.EMFILE, -Errno.EAGAIN);
    serve(
        model,
        _ -> _ -> Disposition.CLOSE,
        (child, address) -> {
          for (int i = 0; i < 7; i++) {
            askOnce(address);
          }
          child.drain(false);
        });
    assertEquals(List.of("recycle: MaxConnectionsPerChild (3) reached with 3"), List.copyOf(told));
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void drainsWhenAHandlerRanOutOfMemory(ProcessModel model) throws Exception {
    serve(
        model,
        _ ->
            _ -> {
              throw new OutOfMemoryError("asked to");
            },
        (_, address) -> askOnce(address));
    assertEquals(List.of("draining: a handler ran out of memory"), List.copyOf(told));
  }
}
