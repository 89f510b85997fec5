package org.mpm4j.impl.contract;

import java.util.List;

/// A pause of the whole JVM that uses a processor, as a long garbage collection does.
///
/// One thread counts in a loop that the compiler leaves without a safepoint poll, which needs
/// [#JVM_OPTIONS]; whoever wants a safepoint meanwhile, and with it every other thread, waits.
final class LongPause {
  /// Keeps polls out of counted loops.
  static final List<String> JVM_OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:-UseCountedLoopSafepoints");

  private static volatile long sink;

  private LongPause() {}

  /// Pauses this JVM.
  ///
  /// @param millis how long about
  /// @return how long it was really, in milliseconds
  static long take(long millis) {
    long rate = 1;
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      sink = count(10_000_000);
      rate = 10_000_000_000_000L / (System.nanoTime() - start + 1); // counts in a millisecond
    }
    int rounds = (int) Math.min(Integer.MAX_VALUE - 1, rate * millis);
    Thread counter = Thread.ofPlatform().daemon().start(() -> sink = count(rounds));
    long longest = 0;
    while (counter.isAlive()) { // the first may come before it counts
      long start = System.nanoTime();
      System.gc();
      longest = Math.max(longest, System.nanoTime() - start);
    }
    return longest / 1_000_000;
  }

  private static long count(int rounds) {
    long value = 1;
    for (int i = 0; i < rounds; i++) {
      value = (value | 1) + Long.MAX_VALUE / (value | 1) + i; // a division is not optimised away
    }
    return value;
  }
}
