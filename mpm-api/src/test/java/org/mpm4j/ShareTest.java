package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
  @ParameterizedTest
  @CsvSource({
    "0, 7, 0, 0",
    "2, 7, 2, 2",
    "9, 7, 9, 9",
    "0%, 7, 0, 0",
    "10%, 0, 0, 0",
    "10%, 1, 1, 0",
    "10%, 10, 1, 1",
    "10%, 11, 2, 1",
    "25%, 3, 1, 0",
    "25%, 16, 4, 4",
    "99%, 100, 99, 99",
    "100%, 7, 7, 7",
    "100%, 2147483647, 2147483647, 2147483647",
    "1%, 2147483647, 21474837, 21474836"
  })
  void roundsBothWays(String text, int total, int up, int down) {
    Share share = Share.parse(text);
    assertEquals(up, share.roundedUp(total));
    assertEquals(down, share.roundedDown(total));
    assertEquals(text, share.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "-1", "+1", "1.5", "1 %", "10x%", "101%", "٣", "1234567890"})
  void refusesOtherText(String text) {
    assertEquals(
        "\"" + text + "\" is not a share; expected a number or a percentage, as in 2 or 25%",
        assertThrows(IllegalArgumentException.class, () -> Share.parse(text)).getMessage());
  }

  @Test
  void refusesAmountsOutOfRange() {
    assertEquals(
        "-1 is negative",
        assertThrows(IllegalArgumentException.class, () -> Share.count(-1)).getMessage());
    assertEquals(
        "101% is not from 0% to 100%",
        assertThrows(IllegalArgumentException.class, () -> Share.percent(101)).getMessage());
  }
}
