package org.mpm4j.impl.child;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What the supervisor is sent when it asks what a child is doing.
final class ThreadPrintTest {
  @Test
  void showsEveryThreadWithItsStack() {
    String text = ThreadPrint.text();
    assertTrue(text.contains("Full thread dump"), text);
    assertTrue(text.contains("\"" + Thread.currentThread().getName() + "\""), text);
    assertTrue(text.contains("ThreadPrintTest.showsEveryThreadWithItsStack"), text);
  }
}
