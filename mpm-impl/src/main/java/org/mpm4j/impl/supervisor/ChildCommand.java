package org.mpm4j.impl.supervisor;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mpm4j.HostedServer;
import org.mpm4j.MpmConfig;
import org.mpm4j.impl.os.ListenerChannels;
import org.mpm4j.impl.os.SystemdEnvironment;

/// The command line and the environment of a child JVM: this JVM's `java`, class path and module
/// path, its share of the machine, and what the configuration adds.
final class ChildCommand {
  private final String mainClass;
  private final Class<?> application;
  private final MachineLimits machine;

  /// @param mainClass what the child runs, in this module
  /// @param application what it serves with; its module must be found too
  ChildCommand(String mainClass, Class<?> application, MachineLimits machine) {
    this.mainClass = mainClass;
    this.application = application;
    this.machine = machine;
  }

  /// Whether children run a whole server.
  boolean hosts() {
    return HostedServer.class.isAssignableFrom(application);
  }

  /// The path of `java`.
  String executable() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
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
    Module module = ChildCommand.class.getModule();
    String classPath =
        Stream.concat(
                config.childClassPath().stream().map(Path::toString),
                Stream.of(System.getProperty("java.class.path", "")))
            .filter(entry -> !entry.isEmpty())
            .collect(Collectors.joining(File.pathSeparator));
    if (!classPath.isEmpty()) {
      arguments.addAll(List.of("-cp", classPath));
    }
    if (!module.isNamed()) {
      arguments.addAll(List.of("--enable-native-access=ALL-UNNAMED", mainClass));
      return arguments;
    }
    String modulePath = System.getProperty("jdk.module.path", "");
    if (!modulePath.isEmpty()) {
      arguments.addAll(List.of("-p", modulePath));
    }
    if (application.getModule().isNamed()) {
      arguments.addAll(List.of("--add-modules", application.getModule().getName()));
    }
    arguments.add("--enable-native-access=" + module.getName());
    arguments.addAll(List.of("-m", module.getName() + "/" + mainClass));
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
