package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.ChildId;
import org.mpm4j.ExitCause;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.ProcessModel;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.impl.scoreboard.Scoreboard;

/// What recordings of JFR hold of the supervisor's events.
final class FlightEventsTest {
  private static final ChildId CHILD = new ChildId(3, 4711, 2);

  @TempDir Path directory;

  private List<RecordedEvent> recorded(String type, LifecycleEvent... told) throws IOException {
    Path board = Files.createFile(directory.resolve("scoreboard"));
    Path file = directory.resolve("events.jfr");
    try (Scoreboard scoreboard = Scoreboard.create(board, ProcessModel.EVENT, 1, 1, 1);
        Events events = new Events(scoreboard.server(), List.of());
        Recording recording = new Recording()) {
      recording.enable(type);
      recording.start();
      for (LifecycleEvent event : told) {
        events.tell(event);
      }
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(type))
        .toList();
  }

  private static List<Object> fields(RecordedEvent event, String... names) {
    return List.of(names).stream().<Object>map(event::getValue).toList();
  }

  @Test
  void recordsWhatHappens() throws IOException {
    List<List<Object>> found =
        recorded(
                "org.mpm4j.Lifecycle",
                new LifecycleEvent.ChildExited(CHILD, ExitCause.DRAINED, "exit code 0", "one\ntwo"),
                new LifecycleEvent.ThreadsDumped(CHILD, "main"),
                new LifecycleEvent.GenerationEnded(7),
                new LifecycleEvent.LimitReached("9 of 8"))
            .stream()
            .map(event -> fields(event, "kind", "slot", "pid", "generation", "text"))
            .toList();
    String child = "child 3 (pid 4711, generation 2) ";
    String exited = child + "ended: exit code 0";
    assertEquals(
        List.of(
            List.of("ChildExited", 3, 4711, 2, exited),
            List.of("ThreadsDumped", 3, 4711, 2, child + "thread dump:"),
            List.of("GenerationEnded", -1, -1, 7, "generation 7 ended"),
            List.of("LimitReached", -1, -1, -1, "limit reached: 9 of 8")),
        found);
  }

  @Test
  void recordsAReloadFromItsBeginToItsEnd() throws IOException {
    List<RecordedEvent> reloads =
        recorded(
            "org.mpm4j.Reload",
            new LifecycleEvent.ReloadStarted(1),
            new LifecycleEvent.ReloadEnded(new ReloadVerdict.Refused(0, "no such file")),
            new LifecycleEvent.ReloadEnded(new ReloadVerdict.Succeeded(1, Duration.ofMillis(5))),
            new LifecycleEvent.ReloadStarted(2),
            new LifecycleEvent.ReloadEnded(new ReloadVerdict.RolledBack(1, "exit code 1", "oh")));
    assertEquals(
        List.of(
            List.of(0, false, "no such file"),
            List.of(1, true, ""),
            List.of(1, false, "exit code 1")),
        reloads.stream().map(event -> fields(event, "generation", "succeeded", "reason")).toList());
    assertTrue(reloads.get(0).getDuration().isZero());
    assertFalse(reloads.get(1).getDuration().isZero());
    assertTrue(reloads.get(1).getStartTime().isBefore(reloads.get(0).getStartTime()));
    assertFalse(reloads.get(2).getDuration().isZero());
  }
}
