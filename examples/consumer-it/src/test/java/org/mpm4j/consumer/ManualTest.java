package org.mpm4j.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ManualTest {
  @Test
  void whatTheManualShowsIsWhatIsCompiledAndRun() throws Exception {
    Manual manual = Manual.read();
    int compared = 0;
    for (Manual.Block block : manual.blocks()) {
      if (block.marked("file").isPresent()) {
        assertEquals(
            String.join("\n", Manual.source(block.marked("file").get())),
            String.join("\n", block.text()),
            block + " is not what its file says");
        compared++;
      }
    }
    assertTrue(compared >= 4, "only " + compared + " blocks are compared");
  }

  @Test
  void everyBlockSaysWhatItIs() throws Exception {
    for (Manual.Block block : Manual.read().blocks()) {
      assertTrue(
          block.marked("file").isPresent()
              || block.marked("run").isPresent()
              || block.mark().equals("prose"),
          block + " has no mark before it");
      assertFalse(
          block.mark().equals("prose") && block.language().equals("java"),
          block + ": code must come from a file that is compiled");
    }
  }

  @Test
  void everyProgramOfTheProjectIsShown() throws Exception {
    Set<String> shown =
        Manual.read().blocks().stream()
            .flatMap(block -> block.marked("file").stream())
            .collect(Collectors.toSet());
    for (String file : sources()) {
      assertTrue(shown.stream().anyMatch(mark -> mark.startsWith(file)), file + " is not shown");
    }
  }

  private static List<String> sources() throws IOException {
    Path sources = Manual.CONSUMER.resolve("src/main/java");
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(file -> Manual.CONSUMER.relativize(file).toString())
          .toList();
    }
  }

  @Test
  void blocksAreFoundWithTheirMarks() {
    Manual manual =
        Manual.parse(
            List.of("text", "<!-- run: it -->", "```sh", "a", "b", "```", "", "```", "c", "```"));
    assertEquals(
        List.of(
            new Manual.Block(3, "sh", "run: it", List.of("a", "b")),
            new Manual.Block(8, "", "", List.of("c"))),
        manual.blocks());
    assertEquals("a\nb", manual.command("it"));
  }
}
