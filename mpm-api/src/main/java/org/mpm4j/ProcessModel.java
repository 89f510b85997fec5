package org.mpm4j;

import java.util.Locale;
import java.util.Optional;

/// One of Apache httpd's three ways to spread connections over processes and threads.
public enum ProcessModel {
  /// Child processes that serve one connection at a time each.
  PREFORK,

  /// Child processes with a fixed number of threads each; a thread keeps its connection until it
  /// closes.
  WORKER,

  /// As [#WORKER], but idle and keep-alive connections wait in the listener and hold no thread.
  EVENT;

  /// The name used by the `Mpm` directive, for example `event`.
  ///
  /// @return the lower-case name
  public String httpdName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The name used by `LoadModule` and `<IfModule>`, for example `mpm_event_module`.
  ///
  /// @return the module identifier
  public String moduleName() {
    return "mpm_" + httpdName() + "_module";
  }

  /// Whether a child serves more than one connection at a time.
  ///
  /// @return false for [#PREFORK] only
  public boolean threaded() {
    return this != PREFORK;
  }

  /// The model that the `Mpm` directive calls by `name`, in upper or lower case.
  static Optional<ProcessModel> named(String name) {
    for (ProcessModel model : values()) {
      if (model.httpdName().equalsIgnoreCase(name)) {
        return Optional.of(model);
      }
    }
    return Optional.empty();
  }

  /// The model whose module `name` is: `mpm_event_module`, or its source file `event.c` or
  /// `mpm_event.c`. Module names are case-sensitive, as in httpd.
  static Optional<ProcessModel> ofModule(String name) {
    for (ProcessModel model : values()) {
      String source = model.httpdName() + ".c";
      if (name.equals(model.moduleName()) || name.equals(source) || name.equals("mpm_" + source)) {
        return Optional.of(model);
      }
    }
    return Optional.empty();
  }
}
