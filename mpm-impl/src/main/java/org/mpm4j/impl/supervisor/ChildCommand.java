package org.mpm4j.impl.supervisor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mpm4j.HostedServer;
import org.mpm4j.MpmConfig;
import org.mpm4j.impl.os.ListenerChannels;
import org.mpm4j.impl.os.SystemdEnvironment;

/// The command line and the environment of a child JVM: this JVM's `java`, class path and module
/// path, what its options say about code and properties, its share of the machine, and what the
/// configuration adds.
final class ChildCommand {
  private final String mainClass;
  private final Class<?> application;
  private final MachineLimits machine;
  private final JvmLaunch launch;

  /// @param mainClass what the child runs, in this module
  /// @param application what it serves with; its module must be found too
  ChildCommand(String mainClass, Class<?> application, MachineLimits machine) {
    this(mainClass, application, machine, JvmLaunch.current());
  }

  /// @param launch how the parent was started
  ChildCommand(String mainClass, Class<?> application, MachineLimits machine, JvmLaunch launch) {
    this.mainClass = mainClass;
    this.application = application;
    this.machine = machine;
    this.launch = launch;
  }

  /// Whether children run a whole server.
  boolean hosts() {
    return HostedServer.class.isAssignableFrom(application);
  }

  /// The path of `java`.
  String executable() {
    return Path.of(launch.home(), "bin", "java").toString();
  }

  /// Finds out what no child could start without.
  ///
  /// @param classes where this JVM's class path and module path are looked at, the system class
  ///   loader
  /// @throws IOException that says what is missing: `java`, or a class
  void requireStartable(MpmConfig config, ClassLoader classes) throws IOException {
    if (launch.home().isEmpty()) {
      throw new IOException(
          "children need a JDK or a runtime image: java.home is not set, as in a native image");
    }
    if (!Files.isExecutable(Path.of(executable()))) {
      throw new IOException(
          "children need "
              + executable()
              + ", which is missing: make the runtime image without --strip-native-commands"
              + " (jpackage strips them unless --jlink-options says otherwise)");
    }
    if (config.childClassPath().isEmpty()) {
      requireClass(classes, mainClass);
      requireClass(classes, application.getName());
    }
  }

  private void requireClass(ClassLoader classes, String name) throws IOException {
    if (classes.getResource(name.replace('.', '/') + ".class") == null) {
      throw new IOException(
          "children would not find "
              + name
              + ": it is neither on the class path ("
              + launch.classPath()
              + ") nor on the module path ("
              + launch.modulePath()
              + ") of this JVM, but behind a class loader of its own. Start the program from its"
              + " jars, or name them with ChildClassPath");
    }
  }

  /// `argv`. Its last element says in `ps` which child this is.
  List<String> arguments(MpmConfig config, int slot) {
    List<String> given = config.childJvmOptions();
    List<String> arguments = new ArrayList<>();
    arguments.add(executable());
    arguments.addAll(
        JvmShares.options(machine.cores(), machine.memory(), config.childLimit(), given));
    // a JVM without memory may be in any state: end it, its siblings serve on
    arguments.add("-XX:+ExitOnOutOfMemoryError");
    // the supervisor's standard output is the embedder's; a dying JVM's words do not belong there
    arguments.add("-XX:+DisplayVMOutputToStderr");
    arguments.addAll(launch.options());
    arguments.addAll(given);
    if (hosts()) {
      arguments.addAll(ListenerChannels.jvmOptions());
    }
    arguments.addAll(whereClassesAre(config));
    arguments.add(config.model().httpdName() + "-child-" + slot);
    return arguments;
  }

  private List<String> whereClassesAre(MpmConfig config) {
    List<String> arguments = new ArrayList<>();
    String classPath =
        Stream.concat(
                config.childClassPath().stream().map(Path::toString), Stream.of(launch.classPath()))
            .filter(entry -> !entry.isEmpty())
            .collect(Collectors.joining(File.pathSeparator));
    if (!classPath.isEmpty()) {
      arguments.addAll(List.of("-cp", classPath));
    }
    if (!launch.modulePath().isEmpty()) {
      arguments.addAll(List.of("-p", launch.modulePath()));
    }
    Optional<String> home = Optional.ofNullable(application.getModule().getName());
    if (home.isPresent()) {
      arguments.addAll(List.of("--add-modules", home.get()));
    } else if (launch.module().isPresent()) {
      // code on the class path sees all of the JDK, but not where the main class is in a module
      arguments.addAll(List.of("--add-modules", "ALL-DEFAULT"));
    }
    String nativeAccess = "--enable-native-access=" + launch.module().orElse("ALL-UNNAMED");
    if (!launch.options().contains(nativeAccess)) {
      arguments.add(nativeAccess);
    }
    if (launch.module().isPresent()) {
      arguments.addAll(List.of("-m", launch.module().get() + "/" + mainClass));
    } else {
      arguments.add(mainClass);
    }
    return arguments;
  }

  /// `NAME=value` each: this JVM's environment and what the configuration sets.
  List<String> environment(MpmConfig config) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeAll(SystemdEnvironment.NAMES); // they are for this process alone
    environment.putAll(config.childEnvironment());
    return environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }
}
