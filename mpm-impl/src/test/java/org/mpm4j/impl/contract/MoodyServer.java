package org.mpm4j.impl.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.ServerApplication;

/// A [CommandServer] whose opening goes as the environment says, so that a reload can change it.
public final class MoodyServer implements ServerApplication {
  /// The name of the variable.
  static final String MOOD = "MPM_TEST_MOOD";

  /// For the children.
  public MoodyServer() {}

  @Override
  public ConnectionHandler open(ChildContext child) throws Exception {
    String[] words = String.valueOf(System.getenv(MOOD)).split(" ", 2);
    switch (words[0]) {
      case "throw" -> throw new IOException("the moon is full");
      case "hang" -> new CountDownLatch(1).await();
      case "await" -> await(Path.of(words[1]));
      case "die-while" -> {
        if (Files.exists(Path.of(words[1]))) {
          Runtime.getRuntime().halt(4);
        }
      }
      case "die-soon-while" -> {
        if (Files.exists(Path.of(words[1]))) {
          Thread.ofPlatform().daemon().start(MoodyServer::dieWhenReady);
        }
      }
      default -> {}
    }
    return new CommandServer().open(child);
  }

  private static void await(Path file) throws InterruptedException {
    while (Files.notExists(file)) {
      Thread.sleep(5); // between two looks
    }
  }

  private static void dieWhenReady() {
    while (Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().equals("mpm-control"))) {
      Thread.onSpinWait(); // that thread is started right after READY
    }
    Runtime.getRuntime().halt(5);
  }
}
