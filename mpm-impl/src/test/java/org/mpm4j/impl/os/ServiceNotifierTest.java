package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.impl.os.FaultySyscalls.Call;

@ExtendWith(OpenDescriptors.class)
@Timeout(120)
final class ServiceNotifierTest {
  private static final int CLOCK_MONOTONIC = 1; // bits/time.h

  private final FaultySyscalls os = new FaultySyscalls(Linux.open());
  private final NativeBuffer buffer = new NativeBuffer(4096);

  @TempDir Path directory;

  @Test
  void tellsTheServiceManagerAtAPath() throws IOException {
    Path path = directory.resolve("notify");
    tells(UnixDomainSocketAddress.of(path), path.toString());
  }

  @Test
  void tellsTheServiceManagerAtAnAbstractName() throws IOException {
    String name = "mpm4j-notify-" + os.getpid();
    tells(new UnixAbstractAddress(name), "@" + name);
  }

  private void tells(SocketAddress address, String variable) throws IOException {
    int manager = os.datagramSocket();
    assertEquals(0, os.bind(manager, address));
    ServiceNotifier notifier = ServiceNotifier.of(os, Map.of("NOTIFY_SOCKET", variable));
    notifier.ready("serving\n  2 children\n");
    assertEquals("READY=1\nSTATUS=serving 2 children", buffer.receive(os, manager));
    long before = System.nanoTime();
    notifier.reloading();
    long after = System.nanoTime();
    String said = buffer.receive(os, manager);
    assertTrue(said.matches("RELOADING=1\nMONOTONIC_USEC=\\d+"), said);
    long micros = Long.parseLong(said.substring(said.lastIndexOf('=') + 1));
    assertTrue(micros - TimeUnit.NANOSECONDS.toMicros(before) >= 0, said);
    assertTrue(TimeUnit.NANOSECONDS.toMicros(after) - micros >= 0, said);
    notifier.status("idle: 3");
    assertEquals("STATUS=idle: 3", buffer.receive(os, manager));
    notifier.watchdog();
    assertEquals("WATCHDOG=1", buffer.receive(os, manager));
    notifier.stopping();
    assertEquals("STOPPING=1", buffer.receive(os, manager));
    os.close(manager);
  }

  /// MONOTONIC_USEC is CLOCK_MONOTONIC, and System.nanoTime promises no particular clock.
  @Test
  void nanoTimeIsTheMonotonicClock() {
    MemorySegment clockGettime = Libc.function("clock_gettime");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
      long before = System.nanoTime();
      assertEquals(0, Libc.call32(clockGettime, CLOCK_MONOTONIC, time.address()));
      long after = System.nanoTime();
      long nanos =
          TimeUnit.SECONDS.toNanos(time.get(ValueLayout.JAVA_LONG, 0))
              + time.get(ValueLayout.JAVA_LONG, Long.BYTES);
      assertTrue(nanos - before >= 0 && after - nanos >= 0, before + " " + nanos + " " + after);
    }
  }

  @Test
  void withoutAServiceManagerNothingIsSent() throws IOException {
    ServiceNotifier notifier = ServiceNotifier.of(os, Map.of("WATCHDOG_USEC", "1000"));
    notifier.ready("");
    notifier.watchdog();
    assertEquals(Optional.empty(), notifier.watchdogInterval());
    assertEquals(0, os.count(Call.DATAGRAM_SOCKET));
  }

  @Test
  void lossesDoNoHarm() throws IOException {
    String nobody = directory.resolve("none").toString();
    ServiceNotifier notifier = ServiceNotifier.of(os, Map.of("NOTIFY_SOCKET", nobody));
    notifier.status("a");
    notifier.status("b");
    os.answer(Call.DATAGRAM_SOCKET, -Errno.EMFILE);
    notifier.status("c");
    assertEquals(2, os.count(Call.SENDTO));
    assertEquals(2, os.count(Call.CLOSE));
  }

  @Test
  void watchdogIsFedAtHalfItsTimeIfItIsOurs() throws IOException {
    Optional<Duration> half = Optional.of(Duration.ofMillis(1500));
    assertEquals(half, watchdogInterval("3000000", Integer.toString(os.getpid())));
    assertEquals(Optional.empty(), watchdogInterval("3000000", "1"));
    assertEquals(Optional.empty(), watchdogInterval("0", Integer.toString(os.getpid())));
    assertEquals(
        half,
        ServiceNotifier.of(os, Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", "3000000"))
            .watchdogInterval());
    IOException e = assertThrows(IOException.class, () -> watchdogInterval("3s", "1"));
    assertEquals(
        "environment variable WATCHDOG_USEC=3s: expected a number of zero or more", e.getMessage());
  }

  @Test
  void otherSocketsAreRefused() {
    IOException e =
        assertThrows(
            IOException.class,
            () -> ServiceNotifier.of(os, Map.of("NOTIFY_SOCKET", "vsock:2:1234")));
    assertEquals(
        "environment variable NOTIFY_SOCKET=vsock:2:1234: expected an absolute path,"
            + " or @ and an abstract name",
        e.getMessage());
  }

  private Optional<Duration> watchdogInterval(String micros, String pid) throws IOException {
    return ServiceNotifier.of(
            os, Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", micros, "WATCHDOG_PID", pid))
        .watchdogInterval();
  }
}
