package org.mpm4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How an embedder takes part in the life of its server: what is not configuration but code.
/// Immutable; each method returns another instance.
///
/// ```java
/// MpmOptions options = MpmOptions.none().withConfigSource(source).withSignals();
/// ```
public final class MpmOptions {
  private static final MpmOptions NONE = new MpmOptions(null, List.of(), false, false);

  private final @Nullable ConfigSource configSource;
  private final List<LifecycleListener> listeners;
  private final boolean signals;
  private final boolean systemd;

  private MpmOptions(
      @Nullable ConfigSource configSource,
      List<LifecycleListener> listeners,
      boolean signals,
      boolean systemd) {
    this.configSource = configSource;
    this.listeners = List.copyOf(listeners);
    this.signals = signals;
    this.systemd = systemd;
  }

  /// No options: the server takes no signals and reloads with the configuration that it has.
  ///
  /// @return the empty options
  public static MpmOptions none() {
    return NONE;
  }

  /// With a source for [Mpm#reload()], the control socket and the signals.
  ///
  /// @param source read once for each reload
  /// @return the options
  public MpmOptions withConfigSource(ConfigSource source) {
    return new MpmOptions(source, listeners, signals, systemd);
  }

  /// With one more listener. It hears everything from the first child's start on.
  ///
  /// @param listener called on a thread of the library
  /// @return the options
  public MpmOptions withListener(LifecycleListener listener) {
    List<LifecycleListener> more = new ArrayList<>(listeners);
    more.add(listener);
    return new MpmOptions(configSource, more, signals, systemd);
  }

  /// With signals handled for the whole JVM, until the server has stopped: TERM and INT stop
  /// gracefully and the second of them at once, WINCH stops gracefully, HUP and USR1 reload. WINCH
  /// is ignored where the process has a terminal, which sends it when its window changes its size.
  /// One server of a JVM at a time may have signals.
  ///
  /// @return the options
  public MpmOptions withSignals() {
    return new MpmOptions(configSource, listeners, true, systemd);
  }

  /// With systemd told what the server is doing (sd_notify(3), where `NOTIFY_SOCKET` is set), and
  /// with the sockets that systemd passes taken for the addresses listened to (sd_listen_fds(3)).
  ///
  /// @return the options
  public MpmOptions withSystemd() {
    return new MpmOptions(configSource, listeners, signals, true);
  }

  /// Where reloads find their configuration.
  ///
  /// @return the source, if there is one
  public Optional<ConfigSource> configSource() {
    return Optional.ofNullable(configSource);
  }

  /// Who hears of events.
  ///
  /// @return an unmodifiable list
  public List<LifecycleListener> listeners() {
    return listeners;
  }

  /// Whether signals are handled.
  ///
  /// @return false unless asked for
  public boolean signals() {
    return signals;
  }

  /// Whether systemd is told.
  ///
  /// @return false unless asked for
  public boolean systemd() {
    return systemd;
  }
}
