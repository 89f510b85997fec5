package org.mpm4j.impl.supervisor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a JVM was started, as far as its children are started alike.
///
/// @param home `java.home`; empty where there is none, in a native image
/// @param classPath `java.class.path`, empty if there is none
/// @param modulePath `jdk.module.path`, empty if there is none
/// @param module the module of mpm4j, empty if it is on the class path
/// @param options the options that children get too, see [#inherited(List, Map)]
record JvmLaunch(
    String home,
    String classPath,
    String modulePath,
    Optional<String> module,
    List<String> options) {
  private static final Logger log = LoggerFactory.getLogger(JvmLaunch.class);

  private static final String PATCH_MODULE = "--patch-module=";

  /// What code there is and what it may do: without these, code that ran in the parent fails in the
  /// child. Other options (heaps, agents, logs) are for one process.
  private static final List<String> MODULE_OPTIONS =
      List.of(
          "--add-exports=",
          "--add-modules=",
          "--add-opens=",
          "--add-reads=",
          "--enable-final-field-mutation=",
          "--enable-native-access=",
          "--enable-preview",
          "--illegal-final-field-mutation=",
          "--illegal-native-access=",
          "--limit-modules=",
          PATCH_MODULE,
          "--sun-misc-unsafe-memory-access=",
          "--upgrade-module-path=");

  /// Properties that belong to one process: the launcher's own, and a management port, which only
  /// one process can have.
  private static final List<String> OWN_PROPERTIES =
      List.of("-Djava.class.path=", "-Djdk.module.", "-Dcom.sun.management.", "-Dsun.java.");

  /// What the launcher and HotSpot read from the environment, which children inherit.
  private static final List<String> OPTION_VARIABLES =
      List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

  private static final Pattern WORD = Pattern.compile("\\S+");

  JvmLaunch {
    options = List.copyOf(options);
  }

  /// This JVM's.
  static JvmLaunch current() {
    String classPath = System.getProperty("java.class.path", "");
    List<String> options = new ArrayList<>();
    if (isJar(classPath, System.getProperty("sun.java.command", ""))) {
      options.addAll(manifestOptions(manifest(classPath)));
    }
    List<String> given = ManagementFactory.getRuntimeMXBean().getInputArguments();
    options.addAll(inherited(given, System.getenv()));
    return new JvmLaunch(
        System.getProperty("java.home", ""),
        classPath,
        System.getProperty("jdk.module.path", ""),
        Optional.ofNullable(JvmLaunch.class.getModule().getName()),
        options);
  }

  /// Of a JVM's options, those that children get too: the system properties but [#OWN_PROPERTIES],
  /// and [#MODULE_OPTIONS].
  ///
  /// @param given all options, as a `RuntimeMXBean` tells them: files of options are read, and
  ///   names stand before their values with `=`
  /// @param environment where some of them came from; the children read those there too
  static List<String> inherited(List<String> given, Map<String, String> environment) {
    boolean patchedByEnvironment =
        OPTION_VARIABLES.stream()
            .anyMatch(name -> environment.getOrDefault(name, "").contains("--patch-module"));
    return given.stream()
        .filter(option ->
            option.startsWith("-D")
                ? OWN_PROPERTIES.stream().noneMatch(option::startsWith)
                : MODULE_OPTIONS.stream().anyMatch(option::startsWith))
        // the one option that must not be given twice
        .filter(option -> !(patchedByEnvironment && option.startsWith(PATCH_MODULE)))
        .toList();
  }

  /// Whether a JVM was started with `-jar`.
  ///
  /// @param command `sun.java.command`: the main class, module or jar, and the arguments
  static boolean isJar(String classPath, String command) {
    return !classPath.isEmpty() && (command + " ").startsWith(classPath + " ");
  }

  /// What `java -jar` reads from a manifest, as options. Children are started with `-cp`, which
  /// does not.
  static List<String> manifestOptions(Attributes manifest) {
    List<String> options = new ArrayList<>();
    addOptions(options, "--add-exports=", manifest.getValue("Add-Exports"));
    addOptions(options, "--add-opens=", manifest.getValue("Add-Opens"));
    return options;
  }

  private static void addOptions(List<String> options, String name, @Nullable String packages) {
    if (packages != null) {
      WORD.matcher(packages)
          .results()
          .forEach(word -> options.add(name + word.group() + "=ALL-UNNAMED"));
    }
  }

  private static Attributes manifest(String jar) {
    try (JarFile file = new JarFile(jar)) {
      Manifest manifest = file.getManifest();
      return manifest == null ? new Attributes() : manifest.getMainAttributes();
    } catch (IOException e) {
      log.warn("could not read the manifest of {}, so children do not get its Add-Opens", jar, e);
      return new Attributes();
    }
  }
}
