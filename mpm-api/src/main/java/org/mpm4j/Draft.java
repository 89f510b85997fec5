package org.mpm4j;

import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.mpm4j.ValueKind.SocketFile;

/// A configuration being put together, from Java code or from text: what was given and where,
/// before the rules of [PoolLimits].
final class Draft {
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private ProcessModel model;
  private final Map<Setting<?>, Given> given = new LinkedHashMap<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final List<String> jvmOptions = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<Directive> serverDirectives = new ArrayList<>();
  private final List<Correction> notes = new ArrayList<>();
  private final List<ConfigException.Problem> problems = new ArrayList<>();

  /// A value and where it was given.
  record Given(Object value, Location location) {}

  private record Listener(SocketAddress address, Location location) {}

  Draft(ProcessModel model) {
    this.model = model;
  }

  Draft(Draft other) {
    model = other.model;
    given.putAll(other.given);
    listeners.addAll(other.listeners);
    jvmOptions.addAll(other.jvmOptions);
    environment.putAll(other.environment);
    serverDirectives.addAll(other.serverDirectives);
    notes.addAll(other.notes);
    problems.addAll(other.problems);
  }

  ProcessModel model() {
    return model;
  }

  void model(ProcessModel value) {
    model = value;
  }

  Optional<Given> given(Setting<?> setting) {
    return Optional.ofNullable(given.get(setting));
  }

  /// The value given, or the default.
  <T> Optional<T> inEffect(Setting<T> setting) {
    return given(setting)
        .map(value -> setting.cast(value.value()))
        .or(() -> setting.defaultFor(model));
  }

  <T> void set(Setting<T> setting, T value, Location location) {
    given.put(setting, new Given(value, location));
  }

  void listen(String address, ListenAddress.Resolver resolver, Location location) {
    attempt(
        "Listen",
        location,
        () -> listeners.add(new Listener(ListenAddress.read(address, resolver), location)));
  }

  void listen(SocketAddress address, Location location) {
    attempt(
        "Listen",
        location,
        () -> {
          ListenAddress.check(address);
          listeners.add(new Listener(address, location));
        });
  }

  void forgetListeners() {
    listeners.clear();
  }

  void jvmOption(String option, Location location) {
    attempt(
        "ChildJvmOption",
        location,
        () -> {
          if (option.isEmpty()) {
            throw new IllegalArgumentException("\"\" is empty; expected an option of the JVM");
          }
          Syntax.requireWritable(option);
          jvmOptions.add(option);
        });
  }

  void environment(String name, String value, Location location) {
    attempt(
        "ChildEnvironment",
        location,
        () -> {
          if (!VARIABLE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                Syntax.shown(name)
                    + " is not the name of a variable; expected letters, digits and _");
          }
          Syntax.requireWritable(value);
          environment.put(name, value);
        });
  }

  /// Runs `action`; what it refuses becomes a problem of `directive`.
  void attempt(String directive, Location location, Runnable action) {
    try {
      action.run();
    } catch (IllegalArgumentException e) {
      problem(location, directive + ": " + e.getMessage());
    }
  }

  void serverDirective(Directive directive) {
    serverDirectives.add(directive);
  }

  /// Adds a directive that Java code made, if a configuration in text could hold it too.
  void serverDirective(Directive directive, Location location) {
    attempt(
        Syntax.shown(directive.name()),
        location,
        () -> {
          if (Interpreter.isOwn(directive.name())) {
            throw new IllegalArgumentException("is a directive of mpm4j and none of the server");
          }
          checkWritable(directive, StatementReader.DEEPEST);
          serverDirectives.add(directive);
        });
  }

  private static void checkWritable(Directive directive, int depth) {
    if (!Syntax.isName(directive.name())
        || directive.name().equalsIgnoreCase(Interpreter.IF_MODULE)) {
      throw new IllegalArgumentException("is not the name of a directive");
    }
    if (directive.section() && depth == 0) {
      throw new IllegalArgumentException("has too many sections in sections");
    }
    directive.arguments().forEach(Syntax::requireWritable);
    for (Directive child : directive.children()) {
      checkWritable(child, depth - 1);
    }
  }

  void note(Correction note) {
    notes.add(note);
  }

  void problem(Location location, String message) {
    problems.add(new ConfigException.Problem(location, message));
  }

  List<SocketAddress> listeners() {
    return listeners.stream().map(Listener::address).toList();
  }

  List<String> jvmOptions() {
    return List.copyOf(jvmOptions);
  }

  Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  List<Directive> serverDirectives() {
    return List.copyOf(serverDirectives);
  }

  /// The finished configuration.
  ///
  /// @param whole the location of errors and corrections that no single value caused
  /// @throws ConfigException with all errors, if there are any
  MpmConfig toConfig(Location whole) {
    Draft finished = new Draft(this);
    finished.checkValues();
    finished.checkReload();
    finished.checkListeners(whole);
    if (!finished.problems.isEmpty()) {
      throw new ConfigException(finished.problems);
    }
    finished.noteInapplicable();
    finished.nameControlSocket();
    PoolLimits.Result limits = PoolLimits.apply(finished, whole);
    List<Correction> corrections = new ArrayList<>(finished.notes);
    corrections.addAll(limits.corrections());
    return new MpmConfig(new Draft(this), limits.values(), corrections);
  }

  /// Checks what Java code gave; what was read from text is right already.
  private void checkValues() {
    given.forEach((setting, value) ->
        attempt(setting.name(), value.location(), () -> setting.check(value.value(), model)));
  }

  /// Refuses shares that are both nothing: no child could be started and none ended. Of the two
  /// only the unavailable share is nothing by default.
  private void checkReload() {
    if (isNothing(Setting.RELOAD_MAX_SURGE) && isNothing(Setting.RELOAD_MAX_UNAVAILABLE)) {
      given(Setting.RELOAD_MAX_SURGE)
          .ifPresent(surge ->
              problem(
                  surge.location(),
                  "ReloadMaxSurge: is 0 and so is ReloadMaxUnavailable, no reload could go on;"
                      + " expected one of them above 0"));
    }
  }

  private boolean isNothing(Setting<Share> setting) {
    return inEffect(setting).filter(Share::none).isPresent();
  }

  /// Gives the control socket a name beside the pid file, unless the configuration says which.
  private void nameControlSocket() {
    Optional<Given> pidFile = given(Setting.PID_FILE);
    if (pidFile.isEmpty() || given(Setting.CONTROL_SOCKET).isPresent()) {
      return;
    }
    Location location = pidFile.get().location();
    Path socket = Path.of(pidFile.get().value().toString().replaceFirst("\\.pid$", "") + ".sock");
    if (ListenAddress.fits(socket)) {
      set(Setting.CONTROL_SOCKET, socket, location);
    } else {
      note(
          new Correction(
              location,
              Setting.CONTROL_SOCKET.name(),
              socket + " (default)",
              SocketFile.NONE.toString(),
              "is longer than the "
                  + ListenAddress.LONGEST_UNIX_PATH
                  + " bytes of a socket's name"));
    }
  }

  /// Notes what belongs to another model; httpd calls such a directive unknown unless it stands in
  /// an `<IfModule>`, and then a file could not be tried under another model.
  private void noteInapplicable() {
    given.forEach((setting, value) -> {
      if (!setting.appliesTo(model)) {
        note(
            new Correction(
                value.location(),
                setting.name(),
                String.join(" ", setting.write(value.value())),
                "",
                "does not apply to " + model.httpdName()));
      }
    });
  }

  private void checkListeners(Location whole) {
    if (listeners.isEmpty() && problems.isEmpty()) {
      problem(whole, "no listening sockets available; expected a directive such as Listen 8080");
    }
    Set<SocketAddress> seen = new HashSet<>();
    for (Listener listener : listeners) {
      if (!ListenAddress.ephemeral(listener.address()) && !seen.add(listener.address())) {
        problem(
            listener.location(),
            "Listen: "
                + Syntax.shown(ListenAddress.write(listener.address()))
                + " is listened to already; expected each address once");
      }
    }
  }
}
