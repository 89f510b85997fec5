package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

final class ErrnoTest {
  @Test
  void constantsAgreeWithTheTable() throws IllegalAccessException {
    for (Field field : Errno.class.getFields()) {
      assertEquals(field.getName(), Errno.name(field.getInt(null)));
    }
  }

  @Test
  void messagesNameTheSymbol() {
    assertEquals("EADDRINUSE: Address already in use", Errno.message(98));
    assertEquals("EADDRINUSE: Address already in use", Errno.message(-98));
    assertEquals("errno 4711", Errno.message(-4711));
    assertEquals("errno 41", Errno.name(41), "a number that Linux does not use");
    assertEquals(
        "could not open /x: ENOENT: No such file or directory",
        Errno.exception("could not open /x", -Errno.ENOENT).getMessage());
  }
}
