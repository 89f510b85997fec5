package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What the programs really printed is in the resources.
final class LoadOutputTest {
  private static String printed(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(LoadOutputTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void wrkTellsItsResultInALineOfItsOwn() throws IOException {
    LoadResult result = LoadOutput.wrk(printed("wrk.txt"));
    assertEquals(new LoadResult(3129, 1.134041, 679, 57_086, 71_502, 328, 0), result);
    assertEquals(2759.16, result.requestsPerSecond(), 0.01);
    assertEquals(328, result.errors());
  }

  @Test
  void wrkCountsAnswersThatAreNoSuccess() throws IOException {
    LoadResult result = LoadOutput.wrk(printed("wrk-errors.txt"));
    assertEquals(2383, result.badStatuses());
    assertEquals(0, result.socketErrors());
  }

  @Test
  void wrkThatCouldNotConnectIsAnErrorThatSaysSo() throws IOException {
    String output = printed("wrk-refused.txt");
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> LoadOutput.wrk(output))
                .getMessage());
    assertTrue(message.startsWith("wrk failed: unable to connect to 127.0.0.1:27198"), message);
  }

  @Test
  void abTellsTheTimeInMilliseconds() throws IOException {
    LoadResult result = LoadOutput.ab(printed("ab.txt"));
    assertEquals(new LoadResult(500, 1.323, 3_000, 219_000, 480_000, 0, 0), result);
    assertEquals(377.8, result.requestsPerSecond(), 0.2);
  }

  @Test
  void abCountsAnswersThatAreNoSuccess() throws IOException {
    assertEquals(100, LoadOutput.ab(printed("ab-errors.txt")).badStatuses());
  }

  @Test
  void abThatCouldNotConnectIsAnErrorThatSaysSo() throws IOException {
    String output = printed("ab-refused.txt");
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> LoadOutput.ab(output)).getMessage());
    assertTrue(message.contains("Connection refused"), message);
  }
}
