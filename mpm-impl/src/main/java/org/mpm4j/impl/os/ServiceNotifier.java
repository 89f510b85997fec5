package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the service manager how this service is: the protocol of sd_notify(3).
///
/// Where no service manager listens every call does nothing. No call blocks or throws: what cannot
/// be delivered is lost, and the first loss is logged. Any thread may call.
public final class ServiceNotifier {
  private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);

  private final Syscalls os;
  private final @Nullable SocketAddress manager;
  private final Optional<Duration> watchdogInterval;
  private final AtomicBoolean lossLogged = new AtomicBoolean();

  private ServiceNotifier(
      Syscalls os, @Nullable SocketAddress manager, Optional<Duration> watchdogInterval) {
    this.os = os;
    this.manager = manager;
    this.watchdogInterval = watchdogInterval;
  }

  /// The notifier that an environment asks for.
  ///
  /// @param environment usually [System#getenv()]
  /// @throws IOException if a variable has a value that cannot be understood, with its name
  public static ServiceNotifier of(Syscalls os, Map<String, String> environment)
      throws IOException {
    String socket = environment.get(SystemdEnvironment.NOTIFY_SOCKET);
    if (socket == null) {
      return new ServiceNotifier(os, null, Optional.empty());
    }
    return new ServiceNotifier(os, address(socket), watchdogInterval(os, environment));
  }

  private static SocketAddress address(String socket) throws IOException {
    if (socket.startsWith("@")) {
      return new UnixAbstractAddress(socket.substring(1));
    }
    if (socket.startsWith("/")) {
      return UnixDomainSocketAddress.of(socket);
    }
    throw new IOException(
        "environment variable "
            + SystemdEnvironment.NOTIFY_SOCKET
            + "="
            + socket
            + ": expected an absolute path, or @ and an abstract name");
  }

  private static Optional<Duration> watchdogInterval(Syscalls os, Map<String, String> environment)
      throws IOException {
    OptionalLong micros =
        SystemdEnvironment.number(environment, SystemdEnvironment.WATCHDOG_USEC, Long.MAX_VALUE);
    OptionalLong pid =
        SystemdEnvironment.number(environment, SystemdEnvironment.WATCHDOG_PID, Integer.MAX_VALUE);
    boolean ours = pid.isEmpty() || pid.getAsLong() == os.getpid();
    return ours && micros.isPresent() && micros.getAsLong() > 0
        ? Optional.of(Duration.of(micros.getAsLong(), ChronoUnit.MICROS).dividedBy(2))
        : Optional.empty();
  }

  /// How often [#watchdog] is to be called: half the time after which the service manager takes
  /// this service for stuck. Empty if it does not watch it.
  public Optional<Duration> watchdogInterval() {
    return watchdogInterval;
  }

  /// The service has started, or has reloaded.
  public void ready(String status) {
    send("READY=1\nSTATUS=" + line(status));
  }

  /// The service begins to reload; [#ready] has to follow, whether the reload succeeds or not.
  public void reloading() {
    // The service manager ignores a time before its own request, so it is now, not when the
    // caller's turn began. System.nanoTime is CLOCK_MONOTONIC on Linux.
    long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
    send("RELOADING=1\nMONOTONIC_USEC=" + micros);
  }

  /// The service begins to stop.
  public void stopping() {
    send("STOPPING=1");
  }

  /// What `systemctl status` shows.
  public void status(String status) {
    send("STATUS=" + line(status));
  }

  /// The service is not stuck.
  public void watchdog() {
    send("WATCHDOG=1");
  }

  // a line break would begin another assignment
  private static String line(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private void send(String message) {
    SocketAddress to = manager;
    if (to == null) {
      return;
    }
    int result = send(to, message);
    if (result < 0 && lossLogged.compareAndSet(false, true)) {
      log.warn(
          "could not notify the service manager at {}, which is not logged again: {}",
          to,
          Errno.message(result));
    }
  }

  // A socket for each message: they are rare, and so there is nothing to close.
  private int send(SocketAddress to, String message) {
    int fd = os.datagramSocket();
    if (fd < 0) {
      return fd;
    }
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      return os.sendto(fd, memory.address(), bytes.length, to);
    } finally {
      os.close(fd);
    }
  }
}
