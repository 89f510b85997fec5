package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessesTest {
  @TempDir Path folder;

  @Test
  void nothingIsStartedOnceAllAreEnded() throws Exception {
    Processes processes = new Processes(() -> {});
    Process process = processes.start(new ProcessBuilder("/bin/sleep", "600"));
    processes.close();
    assertFalse(process.isAlive());
    assertThrows(
        InterruptedException.class, () -> processes.start(new ProcessBuilder("/bin/sleep", "600")));
  }

  @Test
  void aFolderThatWasDeletedDoesNotComeBackWithOneInIt() throws Exception {
    Path run = Files.createDirectory(folder.resolve("run"));
    Path files = Folders.writeFiles(run);
    assertEquals("Hello, World!", Files.readString(files.resolve("hello")));
    Folders.delete(run);
    assertFalse(Files.exists(run));
    assertThrows(IOException.class, () -> Folders.make(run.resolve("event"), true));
    assertFalse(Files.exists(run));
  }
}
